/** Which detection is which track: greedy over IoU with the predicted boxes, best pair first. Pure. */
import type { Box, Detection } from '../messages.ts';

/** A person walking past a camera at 5 pictures a second still overlaps this much with the predicted place. */
const MIN_IOU = 0.2;

export interface Pair {
  readonly track: number;
  readonly detection: number;
}

/** Indices of tracks and detections that belong together; each stands in one pair at most. */
export function associate(predicted: readonly Box[], detections: readonly Detection[]): Pair[] {
  const candidates: (Pair & { iou: number })[] = [];
  for (const [track, box] of predicted.entries()) {
    for (const [detection, { box: seen }] of detections.entries()) {
      const overlap = iou(box, seen);
      if (overlap >= MIN_IOU) candidates.push({ track, detection, iou: overlap });
    }
  }
  const usedTracks = new Set<number>();
  const usedDetections = new Set<number>();
  return candidates
    .toSorted((a, b) => b.iou - a.iou)
    .filter(({ track, detection }) => {
      if (usedTracks.has(track) || usedDetections.has(detection)) return false;
      usedTracks.add(track);
      usedDetections.add(detection);
      return true;
    });
}

/** Intersection over union, 0…1. */
export function iou(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  const shared = w * h;
  return shared / (a.w * a.h + b.w * b.h - shared);
}
