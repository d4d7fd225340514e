import { describe, expect, it } from 'vitest';
import { eachWanted, rowsOf } from '../../src/detector/rows.ts';

/** A box, then three classes. */
const TABLE = [
  [9, 9, 9, 9, 0.1, 0.6, 0.7],
  [9, 9, 9, 9, 0.8, 0.9, 0.2],
];

function wanted(labels: readonly number[], floorOf: (row: number) => number, isTransposed = false): number[][] {
  const table = isTransposed ? (TABLE[0] ?? []).map((_, column) => TABLE.map((row) => row[column] ?? 0)) : TABLE;
  const output = {
    name: 'o',
    type: 'float32',
    dims: [1, table.length, table[0]?.length ?? 0],
    data: Float32Array.from(table.flat()),
  };
  const taken: number[][] = [];
  eachWanted(rowsOf(output, { isTransposed }), { from: 4, labels, floor: floorOf }, (row, label, value) =>
    taken.push([row, label, Math.round(value * 10) / 10]),
  );
  return taken;
}

describe('the wanted classes of a table', () => {
  it.each([false, true])('are all that reach the floor, not only the best of a row (transposed: %s)', (isTransposed) => {
    expect(wanted([0, 1, 2], () => 0.5, isTransposed)).toEqual([
      [0, 1, 0.6],
      [0, 2, 0.7],
      [1, 0, 0.8],
      [1, 1, 0.9],
    ]);
  });

  it('are those that somebody asked for', () => {
    expect(wanted([2], () => 0.5)).toEqual([[0, 2, 0.7]]);
    expect(wanted([], () => 0)).toEqual([]);
  });

  it('have a floor for each row, which may leave it out', () => {
    expect(wanted([0, 1, 2], (row) => (row === 0 ? Number.POSITIVE_INFINITY : 0.85))).toEqual([[1, 1, 0.9]]);
    expect(wanted([0, 1, 2], () => Number.NaN)).toEqual([]);
  });
});
