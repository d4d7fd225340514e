/** The canvas over the video. Drawn once per video frame that is shown, at the time of that frame, so boxes do not lag. */
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { boxesAt } from '../core/boxes.ts';
import { trailsAt } from '../core/trails.ts';
import { cameras } from '../state/cameras.ts';
import { drawBoxes } from './overlay.ts';
import type { Playback } from './playback.ts';
import type { TrackLines } from './track-lines.ts';
import type { Zones } from './trails-overlay.ts';

interface BoxesLayerProps {
  readonly playback: ReadonlySignal<Playback | undefined>;
  readonly lines: TrackLines;
  readonly camera: string;
  readonly isShown: boolean;
}

export function BoxesLayer({ playback, lines, camera, isShown }: BoxesLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = playback.value;
  useEffect(() => {
    const { current } = canvas;
    if (!current || !player) return undefined;
    let shownMs = player.video.currentTime * 1000;
    const draw = (): void => {
      const hasPicture = player.state.peek() !== 'idle' && player.video.videoWidth > 0;
      const isVisible = isShown && hasPicture;
      const boxes = isVisible ? boxesAt(lines.peek(), shownMs) : [];
      const trails = trailsAt(lines.peek(), shownMs, boxes);
      drawBoxes(current, player.video, { boxes, trails, zones: isVisible ? zonesOf(camera) : [] });
      current.dataset.boxes = String(boxes.length);
    };
    const stopFrames = onEachFrame(player.video, (clipMs) => {
      shownMs = clipMs;
      player.positionMs.value = clipMs;
      draw();
    });
    const stopLines = lines.subscribe(draw);
    const sizes = new ResizeObserver(draw);
    sizes.observe(current);
    return () => {
      stopFrames();
      stopLines();
      sizes.disconnect();
    };
  }, [player, isShown]);
  return <canvas ref={canvas} class="boxes" data-testid="boxes" aria-hidden="true" />;
}

function zonesOf(camera: string): Zones {
  return cameras.peek()?.find(({ name }) => name === camera)?.zones ?? [];
}

/** Tells the media time of each frame as it is shown; browsers without that callback are asked at every repaint. */
function onEachFrame(video: HTMLVideoElement, tell: (clipMs: number) => void): () => void {
  let handle = 0;
  if ('requestVideoFrameCallback' in video) {
    const onFrame: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      tell(mediaTime * 1000);
      handle = video.requestVideoFrameCallback(onFrame);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    return () => video.cancelVideoFrameCallback(handle);
  }
  return onEachRepaint(video, tell);
}

function onEachRepaint(video: HTMLVideoElement, tell: (clipMs: number) => void): () => void {
  let lastSeconds = -1;
  let handle = 0;
  const onRepaint = (): void => {
    if (video.currentTime !== lastSeconds) {
      lastSeconds = video.currentTime;
      tell(lastSeconds * 1000);
    }
    handle = requestAnimationFrame(onRepaint);
  };
  handle = requestAnimationFrame(onRepaint);
  return () => cancelAnimationFrame(handle);
}
