/**
 * Detection lines -> the boxes at one moment of a clip. Between two detections (200 ms apart by default) a box moves on a
 * straight line; it is shown from its own first detection on, never before, and fades where its track has no next one.
 */
import type { TrackLine } from '../../../src/messages/clip.ts';
import type { Box } from '../../../src/messages/video.ts';

/** Further apart than this, two lines say nothing about the time between them. */
const MAX_GAP_MS = 1200;
/** The last line of a growing clip stays this long. */
const HOLD_MS = 500;

export interface ShownBox {
  readonly id: number;
  readonly label: string;
  readonly score: number;
  readonly box: Box;
  /** 0…1 */
  readonly alpha: number;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Lines in order of `ptsMs`, as the server gives them. */
export function boxesAt(lines: readonly TrackLine[], clipMs: number): readonly ShownBox[] {
  const index = lineAt(lines, clipMs);
  const line = lines[index];
  if (!line) return [];
  const next = lines[index + 1];
  const sinceMs = clipMs - line.ptsMs;
  if (!next || next.ptsMs - line.ptsMs > MAX_GAP_MS) {
    const alpha = 1 - sinceMs / HOLD_MS / 2;
    return sinceMs > HOLD_MS ? [] : line.tracks.map(({ id, label, score, box }) => ({ id, label, score, box, alpha }));
  }
  const share = sinceMs / (next.ptsMs - line.ptsMs);
  return line.tracks.map(({ id, label, score, box }) => {
    const later = next.tracks.find((track) => track.id === id);
    return later
      ? { id, label, score, box: between(box, later.box, share), alpha: 1 }
      : { id, label, score, box, alpha: 1 - share };
  });
}

/** Index of the last line at or before this moment; -1 if there is none. */
export function lineAt(lines: readonly TrackLine[], clipMs: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.ptsMs ?? Infinity) <= clipMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where a picture lies in its frame under `object-fit: contain`. */
export function containedIn(
  picture: { readonly width: number; readonly height: number },
  frame: { readonly width: number; readonly height: number },
): Rect {
  if (picture.width <= 0 || picture.height <= 0) return { left: 0, top: 0, width: frame.width, height: frame.height };
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (frame.width - width) / 2, top: (frame.height - height) / 2, width, height };
}

/** A hue per track; neighbours in number are far apart in colour (golden angle). */
export function hueOf(trackId: number): number {
  return Math.round((165 + trackId * 137.508) % 360);
}

function between(a: Box, b: Box, share: number): Box {
  const mix = (from: number, to: number): number => from + (to - from) * share;
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), w: mix(a.w, b.w), h: mix(a.h, b.h) };
}
