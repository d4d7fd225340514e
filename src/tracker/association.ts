/** Which detection is which track: greedy over the overlap with the predicted boxes, best pair first. Pure. */
import { iou } from '../lib/iou.ts';
import type { Detection } from '../messages/detection.ts';
import type { Box } from '../messages/video.ts';

/** A person walking past a camera at 5 pictures a second still overlaps this much with the predicted place. */
const MIN_IOU = 0.2;

export interface Pair {
  readonly track: number;
  readonly detection: number;
}

export interface AssociateRule {
  /** least overlap that counts; default 0.2 */
  readonly minIou?: number;
  /** both boxes grow by this share of their size to every side first: who moves fast does not overlap with where they were */
  readonly pad?: number;
  /** one box has at most so many times the area of the other */
  readonly maxSizeRatio?: number;
}

/** Indices of tracks and detections that belong together; each stands in one pair at most. */
export function associate(predicted: readonly Box[], detections: readonly Detection[], rule: AssociateRule = {}): Pair[] {
  const { minIou = MIN_IOU, pad = 0, maxSizeRatio = Number.POSITIVE_INFINITY } = rule;
  const candidates: (Pair & { iou: number })[] = [];
  for (const [track, box] of predicted.entries()) {
    for (const [detection, { box: seen }] of detections.entries()) {
      const overlap = iou(padded(box, pad), padded(seen, pad));
      if (overlap >= minIou && sizeRatio(box, seen) <= maxSizeRatio) candidates.push({ track, detection, iou: overlap });
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

function padded({ x, y, w, h }: Box, pad: number): Box {
  return { x: x - w * pad, y: y - h * pad, w: w * (1 + 2 * pad), h: h * (1 + 2 * pad) };
}

function sizeRatio(a: Box, b: Box): number {
  const [small, large] = [a.w * a.h, b.w * b.h].sort((first, second) => first - second) as [number, number];
  return small > 0 ? large / small : Number.POSITIVE_INFINITY;
}
