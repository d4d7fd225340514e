/** Greedy non-maximum suppression per label: of boxes that overlap by more than `iou`, the best stays. Pure. */
import type { Candidate } from './family.ts';

/** Of each label, so that none crowds out another: more are noise, and the work grows with their square. */
const MAX_CANDIDATES = 300;

export function suppress(candidates: readonly Candidate[], iou: number): Candidate[] {
  const labels = new Map<number, { seen: number; readonly kept: Candidate[] }>();
  return candidates
    .toSorted((a, b) => b.score - a.score)
    .filter((candidate) => {
      const own = labels.get(candidate.label) ?? { seen: 0, kept: [] };
      labels.set(candidate.label, own);
      own.seen += 1;
      if (own.seen > MAX_CANDIDATES || own.kept.some((other) => overlap(other, candidate) > iou)) return false;
      own.kept.push(candidate);
      return true;
    });
}

function overlap(a: Candidate, b: Candidate): number {
  const w = Math.min(a.xPx + a.wPx, b.xPx + b.wPx) - Math.max(a.xPx, b.xPx);
  const h = Math.min(a.yPx + a.hPx, b.yPx + b.hPx) - Math.max(a.yPx, b.yPx);
  if (w <= 0 || h <= 0) return 0;
  const shared = w * h;
  return shared / (a.wPx * a.hPx + b.wPx * b.hPx - shared);
}
