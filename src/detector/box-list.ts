/** Short lists of boxes that a model has chosen itself: one row per box, with corners, a score and a class. Pure. */
import type { Candidate, DecodeOptions } from './family.ts';
import { at, type Rows } from './rows.ts';

/** Which column holds what; `box` is the first of left, top, right, bottom. */
export interface ListColumns {
  readonly box: number;
  readonly score: number;
  readonly label: number;
}

/** Fractions of the picture may reach a little beyond its borders. */
const MAX_FRACTION = 4;

/** What the answer to an empty picture says of a list: scores are 0…1 and classes whole numbers, in every row or in none there is. */
export type ListVerdict = 'filled' | 'empty' | 'no list';

export function judgeList(rows: Rows, columns: ListColumns): ListVerdict {
  let verdict: ListVerdict = 'empty';
  for (let row = 0; row < rows.count; row++) {
    const score = at(rows, { row, column: columns.score });
    const label = at(rows, { row, column: columns.label });
    if (!Number.isInteger(label) || label < -1 || !(score >= 0 && score <= 1.002)) return 'no list';
    if (score > 0) verdict = 'filled';
  }
  return verdict;
}

/** Whether places are fractions of the picture; an empty list does not say, and most models mean pixels. */
export function hasFractions(rows: Rows, columns: ListColumns): boolean {
  if (judgeList(rows, columns) !== 'filled') return false;
  for (let row = 0; row < rows.count; row++) {
    for (let side = 0; side < 4; side++) if (at(rows, { row, column: columns.box + side }) > MAX_FRACTION) return false;
  }
  return true;
}

export interface ListReading {
  readonly columns: ListColumns;
  readonly isFraction: boolean;
}

export function decodeList(rows: Rows, { columns, isFraction }: ListReading, options: DecodeOptions): Candidate[] {
  const { labels, minScore, input } = options;
  const scaleX = isFraction ? input.widthPx : 1;
  const scaleY = isFraction ? input.heightPx : 1;
  const { data, count, columns: width } = rows;
  const found: Candidate[] = [];
  for (let start = 0; start < count * width; start += width) {
    const score = data[start + columns.score] ?? 0;
    const label = data[start + columns.label] ?? -1;
    if (score < minScore || !labels.includes(label)) continue;
    const [left = 0, top = 0, right = 0, bottom = 0] = data.subarray(start + columns.box, start + columns.box + 4);
    const [xPx, yPx] = [left * scaleX, top * scaleY];
    found.push({ label, score, xPx, yPx, wPx: right * scaleX - xPx, hPx: bottom * scaleY - yPx });
  }
  return found;
}
