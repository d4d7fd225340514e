/** Models that see one person whatever they look at, and what ought to be found. */
import { expect } from 'vitest';
import type { Candidate } from '../../src/detector/family.ts';
import { cellTable } from '../../src/detector/grid.ts';
import { Model } from '../../src/detector/model.ts';
import type { SizePx } from '../../src/messages/video.ts';
import { modelFolder } from './folder.ts';
import { type Answer, answering, type AnsweringOptions } from './onnx.ts';

const SIZE: SizePx = { widthPx: 96, heightPx: 64 };
export const PERSON = { xPx: 20, yPx: 10, wPx: 24, hPx: 40 };
/** Of three classes; what else there is stays below the bar. */
export const CLASSES = 3;
export const LABEL = 1;

export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly stride: number;
}

export interface Opened {
  readonly model: Model;
  readonly found: readonly Candidate[];
}

export async function open(options: AnsweringOptions, family?: string): Promise<Opened> {
  await using folder = await modelFolder();
  const modelPath = await folder.put('model.onnx', answering(options));
  const model = await Model.open({ modelPath, family, labels: [], minScore: 0.5, threads: 1 });
  return { model, found: await model.run(new Uint8Array(SIZE.widthPx * SIZE.heightPx * 3), SIZE) };
}

/** One row per cell: `box` for each, and a person with this score in the row of the cell where its centre lies. */
export function rows(strides: readonly number[], row: (cell: Cell, isPerson: boolean) => number[]): number[][] {
  const table = cellTable(SIZE, strides);
  const cells = Array.from({ length: table.length / 3 }, (_, i) => table.subarray(3 * i, 3 * i + 3));
  const centre = { x: PERSON.xPx + PERSON.wPx / 2, y: PERSON.yPx + PERSON.hPx / 2 };
  const at = cells.findIndex(
    ([x = 0, y = 0, stride = 0]) => stride === 16 && x <= centre.x && centre.x < x + 16 && y <= centre.y && centre.y < y + 16,
  );
  return cells.map(([x = 0, y = 0, stride = 0], i) => row({ x, y, stride }, i === at));
}

export const STRIDES = [8, 16, 32];
export const scores = (isPerson: boolean): number[] =>
  Array.from({ length: CLASSES }, (_, i) => (isPerson && i === LABEL ? 0.9 : 0.01 * (i + 1)));

/** Centre and size in pixels. */
export function placed({ x, y, stride }: Cell, isPerson: boolean): number[] {
  if (isPerson) return [PERSON.xPx + PERSON.wPx / 2, PERSON.yPx + PERSON.hPx / 2, PERSON.wPx, PERSON.hPx];
  return [x + stride / 2, y + stride / 2, stride, stride];
}

export function raw({ x, y, stride }: Cell, isPerson: boolean): number[] {
  if (!isPerson) return [0.5 + 0.01 * (x % 7), 0.5 - 0.01 * (y % 5), 0.1, -0.1];
  const [cx = 0, cy = 0, w = 0, h = 0] = placed({ x, y, stride }, true);
  return [(cx - x) / stride, (cy - y) / stride, Math.log(w / stride), Math.log(h / stride)];
}

export function transpose(table: readonly number[][]): number[][] {
  return (table[0] ?? []).map((_, column) => table.map((row) => row[column] ?? 0));
}

export function answer(name: string, table: readonly (readonly number[])[]): Answer {
  return { name, dims: [1, table.length, table[0]?.length ?? 0], values: table.flat() };
}

export function expectPerson({ found }: Opened, label = LABEL): void {
  expect(found).toHaveLength(1);
  expect(found[0]?.label).toBe(label);
  expect(found[0]?.score).toBeCloseTo(0.9, 2);
  for (const side of ['xPx', 'yPx', 'wPx', 'hPx'] as const) expect(found[0]?.[side]).toBeCloseTo(PERSON[side], 1);
}
