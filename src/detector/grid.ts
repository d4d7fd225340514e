/**
 * Outputs with one row per cell of a picture cut into cells of 8, 16, 32 … px, as every YOLO and its relatives have: which
 * strides, how many boxes per cell, and in which unit the boxes are. Pure.
 */
import type { SizePx } from '../messages/video.ts';
import { correlation, type Rows } from './rows.ts';

export interface Grid {
  readonly strides: readonly number[];
  readonly boxesPerCell: number;
}

const STRIDES: readonly (readonly number[])[] = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
  [16, 32],
  [8, 16],
  [4, 8, 16],
  [16, 32, 64],
  [4, 8, 16, 32, 64],
  [8, 16, 32, 64, 128],
];
const MAX_BOXES_PER_CELL = 5;

function cellsOf({ widthPx, heightPx }: SizePx, strides: readonly number[]): number {
  return strides.reduce((sum, stride) => sum + Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride), 0);
}

/** The grid of a picture of this size that has so many rows, the usual ones first. */
export function gridOf(size: SizePx, count: number): Grid | undefined {
  for (let boxesPerCell = 1; boxesPerCell <= MAX_BOXES_PER_CELL; boxesPerCell += boxesPerCell === 1 ? 2 : 1) {
    const strides = STRIDES.find((some) => cellsOf(size, some) * boxesPerCell === count);
    if (strides) return { strides, boxesPerCell };
  }
  const strides = STRIDES.find((some) => cellsOf(size, some) * 2 === count);
  return strides && { strides, boxesPerCell: 2 };
}

/** Left edge, top edge and side in pixels of the cell of each row; three numbers a row. Levels follow each other, row-major. */
export function cellTable(size: SizePx, strides: readonly number[]): Float32Array {
  const table = new Float32Array(3 * cellsOf(size, strides));
  let at = 0;
  for (const stride of strides) {
    const columns = Math.ceil(size.widthPx / stride);
    const cells = columns * Math.ceil(size.heightPx / stride);
    for (let cell = 0; cell < cells; cell++) {
      table[at++] = (cell % columns) * stride;
      table[at++] = Math.floor(cell / columns) * stride;
      table[at++] = stride;
    }
  }
  return table;
}

/** `cellTable`, made once per size: a decoder holds one. */
export function cellTables(strides: readonly number[]): (size: SizePx) => Float32Array {
  let held: SizePx = { widthPx: 0, heightPx: 0 };
  let table: Float32Array = new Float32Array(0);
  return (size) => {
    if (size.widthPx !== held.widthPx || size.heightPx !== held.heightPx) {
      table = cellTable(size, strides);
      held = size;
    }
    return table;
  };
}

/** How the first four columns say where a box is: offsets inside the cell, or places in the picture. */
export interface BoxCoding {
  readonly unit: 'cell' | 'px' | 'fraction';
  /** left, top, right, bottom instead of centre and size */
  readonly isCorners: boolean;
}

/**
 * Boxes that are places follow the cells that they come from, even where there is nothing to see: a column says "further right"
 * where the grid does (0.999 with YOLOv8). Boxes that are coded by their cell say the same everywhere (−0.2 with YOLOX).
 */
const FOLLOWS = 0.7;
/** Fractions of the picture may reach a little beyond its borders; pixels are larger than this somewhere in any picture. */
const MAX_FRACTION = 4;

/** Read off the answer to the trial picture; one box per cell. */
export function boxCoding(rows: Rows, { size, strides }: { size: SizePx; strides: readonly number[] }): BoxCoding {
  const cells = cellTable(size, strides);
  const follows = (column: number): boolean => {
    const side = column % 2;
    const expected = (row: number): number => (cells[3 * row + side] ?? 0) + (cells[3 * row + 2] ?? 0) / 2;
    return correlation(rows, { column, expected }) > FOLLOWS;
  };
  if (!follows(0) || !follows(1)) return { unit: 'cell', isCorners: false };
  return { unit: placeUnit(rows), isCorners: follows(2) && follows(3) };
}

/** For boxes that are places: nothing but zeros is taken for pixels. */
export function placeUnit(rows: Rows): 'px' | 'fraction' {
  const max = largest(rows);
  return max > 0 && max <= MAX_FRACTION ? 'fraction' : 'px';
}

/** Largest value of the first two columns. */
export function largest({ data, count, rowStep, columnStep }: Rows): number {
  let max = 0;
  for (let row = 0; row < count; row++) max = Math.max(max, data[row * rowStep] ?? 0, data[row * rowStep + columnStep] ?? 0);
  return max;
}
