/**
 * Detection lines → where each person in view walked in the last seconds: the bottom centre of their boxes, up to the moment
 * that is shown. A trail belongs to a box that is shown; it breaks where the track was lost.
 */
import type { TrackLine } from '../../../src/messages/clip.ts';
import type { Box } from '../../../src/messages/video.ts';
import { lineAt, type ShownBox } from './boxes.ts';

const TRAIL_MS = 4000;
/** Further apart than this, nobody knows the way between. */
const MAX_GAP_MS = 1200;

export interface TrailPoint {
  /** fractions of the picture */
  readonly x: number;
  readonly y: number;
  /** 1 = now, 0 = as old as a trail can be */
  readonly freshness: number;
}

export interface Trail {
  readonly id: number;
  /** oldest first; the last is the box that is shown */
  readonly points: readonly TrailPoint[];
}

/** `boxes` are those of the same moment. */
export function trailsAt(lines: readonly TrackLine[], clipMs: number, boxes: readonly ShownBox[]): readonly Trail[] {
  const newest = lineAt(lines, clipMs);
  return boxes.map(({ id, box }) => ({ id, points: pointsOf(lines, { id, box, clipMs, newest }) }));
}

function pointsOf(
  lines: readonly TrackLine[],
  { id, box, clipMs, newest }: { id: number; box: Box; clipMs: number; newest: number },
): TrailPoint[] {
  const points = [{ ...footOf(box), freshness: 1 }];
  let laterMs = clipMs;
  for (let i = newest; i >= 0; i -= 1) {
    const line = lines[i];
    if (!line || clipMs - line.ptsMs >= TRAIL_MS || laterMs - line.ptsMs > MAX_GAP_MS) break;
    const track = line.tracks.find((one) => one.id === id);
    if (!track) continue;
    laterMs = line.ptsMs;
    points.push({ ...footOf(track.box), freshness: 1 - (clipMs - line.ptsMs) / TRAIL_MS });
  }
  return points.toReversed();
}

function footOf({ x, y, w, h }: Box): { x: number; y: number } {
  return { x: x + w / 2, y: y + h };
}
