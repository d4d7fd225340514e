/**
 * NanoDet's and PicoDet's outputs, and YOLOv8's without its last step: for each stride one tensor of class scores and one of
 * distances. Finds which is which. Pure.
 */
import type { SizePx } from '../messages/video.ts';
import type { Output } from './family.ts';
import { areFractions, type Rows, rowsOf } from './rows.ts';

export interface Level {
  readonly stride: number;
  readonly scores: Output;
  readonly distances: Output;
  readonly bins: number;
  readonly classes: number;
  /** scores are logits, of which a sigmoid makes probabilities */
  readonly isLogit: boolean;
}

const STRIDES = [4, 8, 16, 32, 64, 128];
const USUAL_BINS = new Set([8, 16]);
/** On an empty picture class logits lie far below zero; distances do not. */
const LOGIT_MEAN = -2;

/** The levels in order of their strides, or undefined unless every output belongs to one and all have the same widths. */
export function levelsOf(outputs: readonly Output[], size: SizePx): Level[] | undefined {
  const levels: Level[] = [];
  for (const stride of STRIDES) {
    const members = outputs.filter((output) => strideOf(output, size) === stride && !isSum(output, outputs));
    if (members.length === 0) continue;
    const level = members.length === 2 ? asLevel(members, stride) : undefined;
    if (!level) return undefined;
    levels.push(level);
  }
  const [first] = levels;
  const used = outputs.filter((output) => !isSum(output, outputs));
  const isWhole = first !== undefined && levels.length >= 2 && levels.length * 2 === used.length;
  return isWhole && levels.every(({ classes, bins }) => classes === first.classes && bins === first.bins) ? levels : undefined;
}

/** Exports for neural processors add the sum of the scores of each point, to skip by: a third output per stride. */
function isSum({ dims }: Output, outputs: readonly Output[]): boolean {
  return dims.length === 4 && dims[1] === 1 && outputs.length % 3 === 0;
}

/** One row per point, whatever the layout. */
export function levelRows({ dims, data }: Output): Rows {
  const [, channels = 0, height = 0, width = 0] = dims;
  return rowsOf(
    dims.length === 4 ? { name: '', type: '', dims: [channels, height * width], data } : { name: '', type: '', dims, data },
    {
      isTransposed: dims.length === 4,
    },
  );
}

function strideOf({ dims }: Output, { widthPx, heightPx }: SizePx): number | undefined {
  if (dims[0] !== 1 || (dims.length !== 3 && dims.length !== 4)) return undefined;
  return STRIDES.find((stride) => {
    const columns = Math.ceil(widthPx / stride);
    const rows = Math.ceil(heightPx / stride);
    return dims.length === 3 ? dims[1] === columns * rows : dims[2] === rows && dims[3] === columns;
  });
}

/** Of two tensors the one whose values are all probabilities holds the scores: bins are numbers of either sign. */
function asLevel([a, b]: readonly Output[], stride: number): Level | undefined {
  if (!a || !b) return undefined;
  const readings = [...reading({ scores: a, distances: b, stride }), ...reading({ scores: b, distances: a, stride })];
  const probable = readings.filter(({ isLogit }) => !isLogit);
  const [first, second] = probable.length > 0 ? probable : readings;
  if (!second) return first;
  // Both could be scores by their values: distances are as wide as everybody makes them.
  const usual = readings.filter(({ bins }) => USUAL_BINS.has(bins));
  return usual.length === 1 ? usual[0] : undefined;
}

function reading({ scores, distances, stride }: Pick<Level, 'scores' | 'distances' | 'stride'>): Level[] {
  const [scoreRows, distanceRows] = [levelRows(scores), levelRows(distances)];
  const bins = distanceRows.columns / 4;
  if (bins < 2 || !Number.isInteger(bins)) return [];
  const isLogit = !isProbable(scoreRows);
  if (isLogit && !(areLogits(scoreRows) && USUAL_BINS.has(bins))) return [];
  return [{ stride, scores, distances, bins, classes: scoreRows.columns, isLogit }];
}

function isProbable(rows: Rows): boolean {
  return areFractions(rows, { from: 0, to: rows.columns });
}

function areLogits({ data }: Rows): boolean {
  return data.length > 0 && data.reduce((sum, value) => sum + value, 0) / data.length < LOGIT_MEAN;
}
