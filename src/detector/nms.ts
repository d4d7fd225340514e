/** Greedy non-maximum suppression per label: of boxes that overlap by more than `iou`, the best stays. Pure. */
import type { Candidate } from './family.ts';

/** More candidates than this are noise, and the work grows with their square. */
const MAX_CANDIDATES = 300;

export function suppress(candidates: readonly Candidate[], iou: number): Candidate[] {
  const sorted = candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const kept: Candidate[] = [];
  for (const candidate of sorted) {
    if (!kept.some((other) => other.label === candidate.label && overlap(other, candidate) > iou)) kept.push(candidate);
  }
  return kept;
}

function overlap(a: Candidate, b: Candidate): number {
  const w = Math.min(a.xPx + a.wPx, b.xPx + b.wPx) - Math.max(a.xPx, b.xPx);
  const h = Math.min(a.yPx + a.hPx, b.yPx + b.hPx) - Math.max(a.yPx, b.yPx);
  if (w <= 0 || h <= 0) return 0;
  const shared = w * h;
  return shared / (a.wPx * a.hPx + b.wPx * b.hPx - shared);
}
