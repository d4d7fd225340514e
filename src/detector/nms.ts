/** Greedy non-maximum suppression per label: of boxes that overlap by more than `iou`, the best stays. Pure. */
import type { SizePx } from '../messages/video.ts';
import type { Candidate } from './family.ts';

/** Of each label, so that none crowds out another: more are noise, and the work grows with their square. */
const MAX_CANDIDATES = 300;

export interface SuppressOptions {
  readonly iou: number;
  /** only what lies inside counts: how far a box reaches beyond the picture is a guess */
  readonly frame: SizePx;
}

/** Left, top, right and bottom of what is to be seen of a box. */
interface Seen {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function suppress(candidates: readonly Candidate[], { iou, frame }: SuppressOptions): Candidate[] {
  const labels = new Map<number, { seen: number; readonly kept: Seen[] }>();
  return candidates
    .toSorted((a, b) => b.score - a.score)
    .filter((candidate) => {
      const own = labels.get(candidate.label) ?? { seen: 0, kept: [] };
      labels.set(candidate.label, own);
      own.seen += 1;
      const seen = seenOf(candidate, frame);
      if (own.seen > MAX_CANDIDATES || own.kept.some((other) => overlap(other, seen) > iou)) return false;
      own.kept.push(seen);
      return true;
    });
}

function seenOf({ xPx, yPx, wPx, hPx }: Candidate, { widthPx, heightPx }: SizePx): Seen {
  return {
    left: Math.max(0, xPx),
    top: Math.max(0, yPx),
    right: Math.min(widthPx, xPx + wPx),
    bottom: Math.min(heightPx, yPx + hPx),
  };
}

/** As `iou` of lib, of edges: boxes are cut at the frame, and each is compared with hundreds of others. */
function overlap(a: Seen, b: Seen): number {
  const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (w <= 0 || h <= 0) return 0;
  const shared = w * h;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

function areaOf({ left, top, right, bottom }: Seen): number {
  return (right - left) * (bottom - top);
}
