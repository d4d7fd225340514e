/**
 * What the camera sends + what the user wants + what the model takes → the format that our decoder is forced to.
 * Pure: the sizes and rates of one run, decided in one place.
 */
import type { CameraConfig } from '../config.ts';
import type { SizePx, VideoFormat } from '../messages.ts';

/** What probing found; `fps` is undefined where the input does not say. Sizes are as shown: rotated, square pixels. */
export interface ProbedVideo extends SizePx {
  readonly fps: number | undefined;
  readonly codec: string;
  /** undefined where there is no end */
  readonly durationMs: number | undefined;
}

export interface FormatOptions {
  readonly detect: Pick<CameraConfig['detect'], 'fps'>;
  readonly record: Pick<CameraConfig['record'], 'size' | 'fps'>;
  /** the model's choice of a frame for a picture of this size */
  readonly inputShape: (source: SizePx) => Omit<VideoFormat['detect'], 'fps'>;
}

/** Taken where the input does not say its rate (many RTSP cameras). */
const FALLBACK_FPS = 25;

export function videoFormat(video: ProbedVideo, { detect, record, inputShape }: FormatOptions): VideoFormat {
  const sourceFps = video.fps ?? FALLBACK_FPS;
  const framesPerSlot = Math.max(1, Math.floor((Math.min(sourceFps, record.fps) + 0.05) / detect.fps));
  return {
    source: { widthPx: video.widthPx, heightPx: video.heightPx, fps: sourceFps, codec: video.codec },
    detect: { ...inputShape(video), fps: detect.fps },
    record: {
      ...fitInside(video, parseSize(record.size)),
      fps: framesPerSlot * detect.fps,
    },
    framesPerSlot,
  };
}

/** True when frames of one format can stand in for frames of the other: the same sizes and rates on both pipes. */
export function isSameFormat(a: VideoFormat, b: VideoFormat): boolean {
  return pipesKey(a) === pipesKey(b);
}

function pipesKey({ detect, record, framesPerSlot }: VideoFormat): string {
  return JSON.stringify([detect, record, framesPerSlot]);
}

/** Scaled down, never up, to fit; even sides, because yuv420p halves them. */
export function fitInside(picture: SizePx, limit: SizePx): SizePx {
  const scale = Math.min(1, limit.widthPx / picture.widthPx, limit.heightPx / picture.heightPx);
  const even = (px: number): number => Math.max(2, 2 * Math.round((px * scale) / 2));
  return { widthPx: even(picture.widthPx), heightPx: even(picture.heightPx) };
}

/** `1280x720`, as the configuration has checked it. */
function parseSize(text: string): SizePx {
  const [widthPx = 0, heightPx = 0] = text.split('x').map(Number);
  return { widthPx, heightPx };
}
