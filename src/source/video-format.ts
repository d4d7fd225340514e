/**
 * What the camera sends + what the user wants + what the model takes → the format that our decoder is forced to.
 * Pure: the sizes and rates of one run, decided in one place.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Feed, SizePx, VideoFormat } from '../messages/video.ts';

/** What probing found; `fps` is undefined where the input does not say. Sizes are as shown: rotated, square pixels. */
export interface ProbedVideo extends SizePx {
  readonly fps: number | undefined;
  readonly codec: string;
  /** undefined where there is no end */
  readonly durationMs: number | undefined;
  /** how the stream is coded; absent for raw video */
  readonly coded?: CodedVideo;
  /** codec of its sound, where it has some */
  readonly sound?: string;
}

export interface CodedVideo {
  readonly profile: string | undefined;
  /** times ten for H.264; negative where unknown */
  readonly level: number;
  readonly pixelFormat: string | undefined;
  /** how many pictures the decoder holds back to bring them into order */
  readonly bFrames: number;
  /** the container says that the pictures have to be turned */
  readonly isTurned: boolean;
}

export interface FormatOptions {
  readonly detect: Pick<CameraConfig['detect'], 'fps'>;
  readonly record: Pick<CameraConfig['record'], 'size' | 'fps'>;
  /** default: frames */
  readonly feed?: Feed;
  /** the model's choice of a frame for a picture of this size */
  readonly inputShape: (source: SizePx) => Omit<VideoFormat['detect'], 'fps'>;
}

/** Taken where the input does not say its rate (many RTSP cameras). */
const FALLBACK_FPS = 25;
/** Of packets every one is recorded, but no finer grid is needed to tell which picture the detector saw. */
const MAX_GRID_FPS = 60;

export function videoFormat(video: ProbedVideo, { detect, record, inputShape, feed = 'frames' }: FormatOptions): VideoFormat {
  const sourceFps = video.fps ?? FALLBACK_FPS;
  const isCopied = feed === 'packets';
  const maxFps = isCopied ? MAX_GRID_FPS : record.fps;
  const framesPerSlot = Math.max(1, Math.floor((Math.min(sourceFps, maxFps) + 0.05) / detect.fps));
  return {
    source: { widthPx: video.widthPx, heightPx: video.heightPx, fps: sourceFps, codec: video.codec },
    detect: { ...inputShape(video), fps: detect.fps },
    record: {
      ...fitInside(video, isCopied ? video : parseSize(record.size)),
      fps: framesPerSlot * detect.fps,
    },
    framesPerSlot,
    feed,
  };
}

/** True when frames of one format can stand in for frames of the other: the same sizes and rates on both pipes. */
export function isSameFormat(a: VideoFormat, b: VideoFormat): boolean {
  return pipesKey(a) === pipesKey(b);
}

function pipesKey({ detect, record, framesPerSlot, feed }: VideoFormat): string {
  return JSON.stringify([detect, record, framesPerSlot, feed]);
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
