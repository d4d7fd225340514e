/**
 * What YOLO's relatives have in common: one output with a row per box of a grid, four numbers for the box, perhaps one for
 * "there is an object", one per class, perhaps more (masks, key points). Which of these it is decides between YOLOX, YOLOv5/v7
 * and YOLOv8 and later; the evidence is gathered here, in one place, so that they exclude each other. Pure.
 */
import type { Candidate, DecodeOptions, Output, Seen } from './family.ts';
import { type BoxCoding, boxCoding, type Grid, gridOf, largest, placeUnit } from './grid.ts';
import { namesOf } from './labels.ts';
import { areFractions, eachWanted, isTable, type Rows, rowsOf } from './rows.ts';

export interface YoloRows {
  readonly output: Output;
  readonly isTransposed: boolean;
  readonly grid: Grid;
  readonly coding: BoxCoding;
  readonly hasObjectness: boolean;
  readonly classes: number;
  /** the fifth column is 1 everywhere: written to please decoders of YOLOv5 (YOLOv6) */
  readonly isObjectnessOne: boolean;
  /** how the decision for or against objectness was made */
  readonly evidence: string;
}

/** Every reading of the model that agrees with its answer: none, one, or two where nothing tells them apart. */
export function yoloReadings(seen: Seen, { isStated }: { readonly isStated: boolean }): YoloRows[] {
  const readings: YoloRows[] = [];
  for (const output of seen.outputs) {
    if (!isTable(output) || isAuxiliary(output, seen) || hasBoxesBeside(output, seen)) continue;
    for (const isTransposed of [false, true]) {
      const rows = rowsOf(output, { isTransposed });
      const grid = rows.columns >= 5 ? gridOf(seen.size, rows.count) : undefined;
      if (grid) readings.push(...readingsOf({ output, isTransposed, rows, grid }, { seen, isStated }));
    }
  }
  return readings;
}

/** YOLOv9 as it is trained writes two tables of one shape: the first helped the training, the last is meant. */
function isAuxiliary(output: Output, { outputs }: Seen): boolean {
  return outputs.findLast(({ dims }) => dims.join() === output.dims.join()) !== output;
}

/** Boxes of the same cells are an output of their own, so this one is scores alone. */
function hasBoxesBeside(output: Output, { outputs }: Seen): boolean {
  const sides = new Set(output.dims.slice(-2));
  return outputs.some((other) => {
    const [first = 0, second = 0] = other.dims.slice(-2);
    return other !== output && isTable(other) && ((first === 4 && sides.has(second)) || (second === 4 && sides.has(first)));
  });
}

interface Table {
  readonly output: Output;
  readonly isTransposed: boolean;
  readonly rows: Rows;
  readonly grid: Grid;
}

function readingsOf(table: Table, { seen, isStated }: { seen: Seen; isStated: boolean }): YoloRows[] {
  const { rows, grid, output, isTransposed } = table;
  const extras = extraColumns(rows.columns, seen);
  // Short rows of zeros alone are the empty list of a model that suppresses boxes itself.
  if (extras === undefined || (rows.columns < 8 && largest(rows) === 0)) return [];
  const coding = codingOf(rows, { grid, seen });
  const isObjectnessOne = everyIs(rows, { column: 4, value: 1 });
  const isFlat = everyIs(rows, { column: 0, value: rows.data[0] ?? 0 });
  const decided = isStated ? undefined : objectness({ ...table, extras, coding, isObjectnessOne, isFlat }, seen);
  const evidence = decided?.evidence ?? 'nothing tells whether the fifth value is an objectness';
  const readings: YoloRows[] = [];
  for (const hasObjectness of decided ? [decided.hasObjectness] : [true, false]) {
    const classes = rows.columns - extras - (hasObjectness ? 5 : 4);
    if (classes < 1 || !areFractions(rows, { from: 4, to: rows.columns - extras })) continue;
    readings.push({ output, isTransposed, grid, coding, isObjectnessOne, hasObjectness, classes, evidence });
  }
  return readings;
}

/** Several boxes per cell overlap too much to be followed: pixels or fractions is all there is to tell. */
function codingOf(rows: Rows, { grid, seen }: { grid: Grid; seen: Seen }): BoxCoding {
  if (grid.boxesPerCell === 1) return boxCoding(rows, { size: seen.size, strides: grid.strides });
  return { unit: placeUnit(rows), isCorners: false };
}

interface Undecided extends Table {
  readonly extras: number;
  readonly coding: BoxCoding;
  readonly isObjectnessOne: boolean;
  /** the first column says nothing */
  readonly isFlat: boolean;
}

interface Decision {
  readonly hasObjectness: boolean;
  readonly evidence: string;
}

/** The strongest evidence first. */
function objectness(table: Undecided, seen: Seen): Decision | undefined {
  return byLayout(table) ?? byNames(table, seen) ?? byValues(table) ?? byWidths(table, seen) ?? byHabit(table);
}

function byLayout({ grid }: Undecided): Decision | undefined {
  if (grid.boxesPerCell === 1) return undefined;
  return { hasObjectness: true, evidence: `${grid.boxesPerCell} boxes per cell of the grid` };
}

function byNames({ rows, extras }: Undecided, { metadata }: Seen): Decision | undefined {
  const names = namesOf(metadata)?.length;
  if (names === undefined) return undefined;
  const beside = rows.columns - extras - names;
  const evidence = `the metadata name ${names} class${names === 1 ? '' : 'es'}`;
  return beside === 4 || beside === 5 ? { hasObjectness: beside === 5, evidence } : undefined;
}

function byValues({ rows, extras, isTransposed, isObjectnessOne, isFlat, coding }: Undecided): Decision | undefined {
  if (rows.columns - extras === 5) return { hasObjectness: false, evidence: 'there is one value beside the box' };
  if (isObjectnessOne) return { hasObjectness: true, evidence: 'the fifth value is 1 everywhere' };
  const isRaw = coding.unit === 'cell' && !isFlat && !isTransposed;
  return isRaw ? { hasObjectness: true, evidence: 'boxes are coded by their cell' } : undefined;
}

function byWidths({ rows, extras, output }: Undecided, { graph }: Seen): Decision | undefined {
  const values = rows.columns - extras;
  const widths = graph.headWidths(output.name);
  // An objectness has a layer of its own, one wide; classes of one were decided before.
  const hasOne = widths.has(1);
  if (hasOne && widths.has(values - 5)) return { hasObjectness: true, evidence: `the last layers are 1 and ${values - 5} wide` };
  if (widths.has(values - 4)) return { hasObjectness: false, evidence: `the last layers are ${values - 4} wide` };
  const isNowhere = widths.size > 0 && !hasOne && !widths.has(values);
  return isNowhere ? { hasObjectness: false, evidence: 'no last layer is one wide, as an objectness would be' } : undefined;
}

function byHabit({ rows, extras, isTransposed }: Undecided): Decision | undefined {
  if (isTransposed) return { hasObjectness: false, evidence: 'channels come before boxes' };
  const values = rows.columns - extras;
  if (values !== 84 && values !== 85) return undefined;
  return { hasObjectness: values === 85, evidence: `${values} values are ${values - 80} and the 80 classes of COCO` };
}

/** 17 key points of three values: what COCO knows of a person. */
const SKELETON = 51;

/** A person detector's row with key points behind, of which no score could be so large. */
function hasSkeleton(columns: number, outputs: readonly Output[]): boolean {
  return columns === 5 + SKELETON && outputs.length === 1 && (outputs[0]?.data.some((value) => value > 1.5) ?? false);
}

/** Mask coefficients and key points stand at the end; undefined where boxes are turned, which a box here cannot be. */
function extraColumns(columns: number, { metadata, outputs }: Seen): number | undefined {
  const task = metadata.get('task');
  if (task === 'obb') return undefined;
  const prototypes = outputs.find(({ dims }) => dims.length === 4)?.dims[1] ?? 0;
  if (task === 'segment' || (task === undefined && prototypes === 32 && columns > 37)) return prototypes;
  if (task === undefined && hasSkeleton(columns, outputs)) return SKELETON;
  if (task !== 'pose') return 0;
  const [points = 17, values = 3] = [...(metadata.get('kpt_shape') ?? '').matchAll(/\d+/g)].map(Number);
  return points * values;
}

function everyIs({ data, count, rowStep, columnStep }: Rows, { column, value }: { column: number; value: number }): boolean {
  for (let row = 0; row < count; row++) if (data[row * rowStep + column * columnStep] !== value) return false;
  return true;
}

export interface RowDecoding {
  /** first column of classes */
  readonly from: number;
  readonly hasObjectness: boolean;
  readonly coding: BoxCoding;
  /** left, top and stride of each row's cell, where boxes are coded by their cell */
  readonly cells?: Float32Array;
}

/** Rows → the boxes that reach the bar. */
export function decodeRows(rows: Rows, decoding: RowDecoding, { labels, minScore, input }: DecodeOptions): Candidate[] {
  const { from, hasObjectness } = decoding;
  const { data, rowStep, columnStep } = rows;
  const found: Candidate[] = [];
  const factorOf = (row: number): number => (hasObjectness ? (data[row * rowStep + 4 * columnStep] as number) : 1);
  const floorOf = (row: number): number => {
    const factor = factorOf(row);
    return factor < minScore ? Number.POSITIVE_INFINITY : minScore / factor;
  };
  eachWanted(rows, { from, labels, floor: hasObjectness ? floorOf : minScore }, (row, label, value) => {
    found.push({ label, score: value * factorOf(row), ...boxOf(rows, { row, decoding, input }) });
  });
  return found;
}

type BoxPx = Pick<Candidate, 'xPx' | 'yPx' | 'wPx' | 'hPx'>;

interface RowPlace {
  readonly row: number;
  readonly decoding: Pick<RowDecoding, 'coding' | 'cells'>;
  readonly input: DecodeOptions['input'];
}

export function boxOf({ data, rowStep, columnStep }: Rows, { row, decoding, input }: RowPlace): BoxPx {
  const { coding, cells } = decoding;
  const start = row * rowStep;
  const value = (column: number): number => data[start + column * columnStep] ?? 0;
  let [x, y, w, h] = [value(0), value(1), value(2), value(3)];
  if (coding.unit === 'cell' && cells) {
    const stride = cells[3 * row + 2] ?? 0;
    x = (cells[3 * row] ?? 0) + x * stride;
    y = (cells[3 * row + 1] ?? 0) + y * stride;
    w = Math.exp(w) * stride;
    h = Math.exp(h) * stride;
  }
  const scaleX = coding.unit === 'fraction' ? input.widthPx : 1;
  const scaleY = coding.unit === 'fraction' ? input.heightPx : 1;
  if (coding.isCorners) return { xPx: x * scaleX, yPx: y * scaleY, wPx: (w - x) * scaleX, hPx: (h - y) * scaleY };
  return { xPx: (x - w / 2) * scaleX, yPx: (y - h / 2) * scaleY, wPx: w * scaleX, hPx: h * scaleY };
}
