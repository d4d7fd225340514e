/**
 * Boxes as four distances from a point to the sides, each the mean of a distribution over bins (generalised focal loss,
 * arXiv 2006.04388): NanoDet, NanoDet-Plus and PicoDet. Pure.
 */
import type { Candidate, DecodeOptions } from './family.ts';
import { eachWanted, type Rows } from './rows.ts';

/** NanoDet counts whole pixels: the middle of 0 … 7 is 3.5. */
export const middlePixel = (stride: number): number => (stride - 1) / 2;

export interface DistanceTable {
  /** scores of classes, as probabilities, from column `scoresFrom` */
  readonly scores: Rows;
  readonly scoresFrom: number;
  /** they are logits instead */
  readonly isLogit?: boolean;
  /** 4 × bins from column `distancesFrom`, before the softmax: left, top, right, bottom */
  readonly distances: Rows;
  readonly distancesFrom: number;
  readonly bins: number;
  /** left, top and stride in pixels of each row's cell, as `cellTable` gives it, beginning with the row 0 of this table */
  readonly cells: Float32Array;
  /** where a point lies from the upper left corner of its cell, in pixels each way */
  readonly centrePx: (stride: number) => number;
}

/** Adds the boxes of this table that reach the bar. */
export function decodeDistances(table: DistanceTable, { labels, minScore }: DecodeOptions, found: Candidate[]): void {
  const { scores, scoresFrom: from, isLogit = false, distances, distancesFrom, bins, cells, centrePx } = table;
  const floor = isLogit ? -Math.log(1 / minScore - 1) : minScore;
  eachWanted(scores, { from, labels, floor }, (row, label, value) => {
    const score = isLogit ? 1 / (1 + Math.exp(-value)) : value;
    const stride = cells[3 * row + 2] ?? 0;
    const xPx = (cells[3 * row] ?? 0) + centrePx(stride);
    const yPx = (cells[3 * row + 1] ?? 0) + centrePx(stride);
    const side = (index: number): number => stride * mean(distances, { row, column: distancesFrom + index * bins, bins });
    const [left, top, right, bottom] = [side(0), side(1), side(2), side(3)];
    found.push({ label, score, xPx: xPx - left, yPx: yPx - top, wPx: left + right, hPx: top + bottom });
  });
}

interface Bins {
  readonly row: number;
  readonly column: number;
  readonly bins: number;
}

/** Mean of the distribution that a softmax over the bins gives; one bin is a distance itself. */
function mean({ data, rowStep, columnStep }: Rows, { row, column, bins }: Bins): number {
  const start = row * rowStep + column * columnStep;
  if (bins === 1) return data[start] ?? 0;
  let max = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < bins; bin++) max = Math.max(max, data[start + bin * columnStep] ?? 0);
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin++) {
    const weight = Math.exp((data[start + bin * columnStep] ?? 0) - max);
    sum += weight;
    weighted += weight * bin;
  }
  return weighted / sum;
}
