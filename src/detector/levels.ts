/** NanoDet's and PicoDet's outputs: for each stride one tensor of class scores and one of distances. Finds which is which. Pure. */
import type { SizePx } from '../messages.ts';
import type { Output } from './family.ts';
import { areFractions, type Rows, rowsOf } from './rows.ts';

export interface Level {
  readonly stride: number;
  readonly scores: Output;
  readonly distances: Output;
  readonly bins: number;
  readonly classes: number;
}

const STRIDES = [4, 8, 16, 32, 64, 128];
const USUAL_BINS = 8;

/** The levels in order of their strides, or undefined unless every output belongs to one and all have the same widths. */
export function levelsOf(outputs: readonly Output[], size: SizePx): Level[] | undefined {
  const levels: Level[] = [];
  for (const stride of STRIDES) {
    const members = outputs.filter((output) => strideOf(output, size) === stride);
    if (members.length === 0) continue;
    const level = members.length === 2 ? asLevel(members, stride) : undefined;
    if (!level) return undefined;
    levels.push(level);
  }
  const [first] = levels;
  const isWhole = first !== undefined && levels.length >= 2 && levels.length * 2 === outputs.length;
  return isWhole && levels.every(({ classes, bins }) => classes === first.classes && bins === first.bins) ? levels : undefined;
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
  const [first, second] = readings;
  if (!second) return first;
  // Both could be scores by their values: distances are as wide as everybody makes them.
  const usual = readings.filter(({ bins }) => bins === USUAL_BINS);
  return usual.length === 1 ? usual[0] : undefined;
}

function reading({ scores, distances, stride }: Pick<Level, 'scores' | 'distances' | 'stride'>): Level[] {
  const [scoreRows, distanceRows] = [levelRows(scores), levelRows(distances)];
  const bins = distanceRows.columns / 4;
  if (bins < 2 || !Number.isInteger(bins) || !isProbable(scoreRows)) return [];
  return [{ stride, scores, distances, bins, classes: scoreRows.columns }];
}

function isProbable(rows: Rows): boolean {
  return areFractions(rows, { from: 0, to: rows.columns });
}
