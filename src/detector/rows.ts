/** An output as a table: one row per box, whichever way round it lies in memory. Pure. */
import type { Output } from './family.ts';

export interface Rows {
  readonly data: Float32Array;
  readonly count: number;
  readonly columns: number;
  /** value (row, column) is data[row × rowStep + column × columnStep] */
  readonly rowStep: number;
  readonly columnStep: number;
}

/** [1, rows, columns], or [1, columns, rows] where `isTransposed`. A batch dimension of one may be absent. */
export function rowsOf({ data, dims }: Output, { isTransposed = false }: { readonly isTransposed?: boolean } = {}): Rows {
  const [first = 0, second = 0] = dims.slice(-2);
  return isTransposed
    ? { data, count: second, columns: first, rowStep: 1, columnStep: second }
    : { data, count: first, columns: second, rowStep: second, columnStep: 1 };
}

/** One box per row, in a batch of one at most. */
export function isTable({ dims }: Output): boolean {
  return dims.length === 2 || (dims.length === 3 && dims[0] === 1);
}

export function at({ data, rowStep, columnStep }: Rows, { row, column }: { row: number; column: number }): number {
  return data[row * rowStep + column * columnStep] ?? 0;
}

/** True where every value of these columns lies in 0…1 (half floats: nearly): probabilities, or fractions of a side. */
export function areFractions(rows: Rows, { from, to, slack = 0.002 }: { from: number; to: number; slack?: number }): boolean {
  const { data, count, rowStep, columnStep } = rows;
  for (let row = 0; row < count; row++) {
    for (let column = from; column < to; column++) {
      const value = data[row * rowStep + column * columnStep] ?? Number.NaN;
      if (!(value >= -slack && value <= 1 + slack)) return false;
    }
  }
  return true;
}

/** Pearson's correlation of a column with a value that each row ought to have; 0 where one of them does not vary. */
export function correlation(rows: Rows, { column, expected }: { column: number; expected: (row: number) => number }): number {
  let [sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows.count; row++) {
    const x = at(rows, { row, column });
    const y = expected(row);
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
  }
  const { count } = rows;
  const spread = Math.sqrt((count * sumXX - sumX * sumX) * (count * sumYY - sumY * sumY));
  return spread > 0 ? (count * sumXY - sumX * sumY) / spread : 0;
}

export interface Wanted {
  /** first column of classes */
  readonly from: number;
  readonly labels: readonly number[];
  /** what the classes of a row must reach; `Infinity` leaves the row out. A number for all rows makes no garbage. */
  readonly floor: number | ((row: number) => number);
}

/**
 * Calls `take` for every wanted class of every row that reaches the row's floor, not only for its best one: the wanted labels are
 * those of all cameras, and what one of them looks for must not hide a person from another.
 */
export function eachWanted(
  { data, count, rowStep, columnStep }: Rows,
  { from, labels, floor: wanted }: Wanted,
  take: (row: number, label: number, value: number) => void,
): void {
  for (let row = 0; row < count; row++) {
    const floor = typeof wanted === 'number' ? wanted : wanted(row);
    if (floor === Number.POSITIVE_INFINITY) continue;
    const start = row * rowStep + from * columnStep;
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      const value = data[start + label * columnStep] as number;
      if (value >= floor) take(row, label, value);
    }
  }
}
