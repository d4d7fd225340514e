/**
 * Short lists of boxes whose columns are outputs of their own, found by shape, type and values, whatever their names and order:
 * boxes [1, boxes, 4], scores [1, boxes], classes [1, boxes], and perhaps how many of them count [1]. A batch dimension may be
 * absent. Pure.
 */
import type { Candidate, DecodeOptions, Output } from './family.ts';

const WHOLE = new Set(['int64', 'int32', 'uint8']);
/** Fractions of the picture may reach a little beyond its borders. */
const MAX_FRACTION = 4;

export interface ApartList {
  readonly boxes: Output;
  readonly scores: Output;
  /** whole numbers by their type */
  readonly labels: Output;
  readonly count: Output | undefined;
  readonly hasBatch: boolean;
}

/** Undefined unless the outputs are exactly these. */
export function apartList(outputs: readonly Output[]): ApartList | undefined {
  const boxes = outputs.filter(({ dims }) => dims.at(-1) === 4 && (dims.length === 2 || (dims.length === 3 && dims[0] === 1)));
  const [theBoxes] = boxes;
  if (boxes.length !== 1 || !theBoxes) return undefined;
  const hasBatch = theBoxes.dims.length === 3;
  const length = theBoxes.dims.at(-2) ?? 0;
  const counts = length === 1 ? [] : outputs.filter(({ data }) => data.length === 1);
  const lists = outputs.filter((output) => !counts.includes(output) && isList(output, { hasBatch, length }));
  const labels = lists.filter(({ type }) => WHOLE.has(type));
  const scores = lists.filter(({ type, data }) => !WHOLE.has(type) && data.every((score) => score >= -0.002 && score <= 1.002));
  const [theLabels, theScores] = [labels[0], scores[0]];
  const isWhole = labels.length === 1 && scores.length === 1 && lists.length === 2 && counts.length <= 1;
  if (!isWhole || !theLabels || !theScores) return undefined;
  return { boxes: theBoxes, labels: theLabels, scores: theScores, count: counts[0], hasBatch };
}

function isList({ dims }: Output, { hasBatch, length }: { hasBatch: boolean; length: number }): boolean {
  return hasBatch ? dims.length === 2 && dims[0] === 1 && dims[1] === length : dims.length === 1 && dims[0] === length;
}

/** Whether places are fractions of the picture; a list of nothing does not say, and most models mean pixels. */
export function areFractionsApart({ boxes }: ApartList): boolean {
  return boxes.data.some((value) => value > 0) && boxes.data.every((value) => value <= MAX_FRACTION);
}

export interface ApartDecoding {
  /** what a place is multiplied by, to become pixels of the input */
  readonly scale: { readonly x: number; readonly y: number };
}

/** Boxes are left, top, right, bottom. */
export function decodeApart(
  { boxes, scores, labels, count }: Pick<ApartList, 'boxes' | 'scores' | 'labels' | 'count'>,
  { scale }: ApartDecoding,
  { labels: wanted, minScore }: Pick<DecodeOptions, 'labels' | 'minScore'>,
): Candidate[] {
  const found: Candidate[] = [];
  const filled = Math.min(count?.data[0] ?? Number.POSITIVE_INFINITY, scores.data.length);
  for (let i = 0; i < filled; i++) {
    const [score, label] = [scores.data[i] ?? 0, labels.data[i] ?? -1];
    if (score < minScore || !wanted.includes(label)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.data.subarray(4 * i, 4 * i + 4);
    const [xPx, yPx] = [left * scale.x, top * scale.y];
    found.push({ label, score, xPx, yPx, wPx: right * scale.x - xPx, hPx: bottom * scale.y - yPx });
  }
  return found;
}
