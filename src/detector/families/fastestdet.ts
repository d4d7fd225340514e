/**
 * FastestDet (dog-qiuqiu): one output [1, 5 + classes, rows, columns] of a grid of 16 px: objectness (sigmoid), box (raw), class
 * scores (softmax). Score = objectness^0.6 × class^0.4; the centre lies tanh of a cell from the cell's corner, sizes are
 * sigmoids of the picture's. Pixels are BGR 0…1, pictures stretched. Source: FastestDet/module/detector.py, test.py.
 */
import type { Candidate, DecodeOptions, Family, Output, Plan, Seen } from '../family.ts';
import { areFractions, eachWanted, type Rows } from '../rows.ts';

const STRIDE_PX = 16;
const CLASSES_FROM = 5;

export const fastestDet: Family = {
  name: 'fastestdet',
  accepts: 'one output [1, 5 + classes, height / 16, width / 16]: objectness, box, class scores',
  recognise(seen, { isStated }) {
    const output = seen.outputs.find((one) => isGrid(one, seen));
    if (!output) return undefined;
    const rows = cells(output);
    return isStated || looksRight(rows) ? planFor(output, rows.columns - CLASSES_FROM) : undefined;
  },
};

function isGrid({ dims }: Output, { size, outputs }: Seen): boolean {
  const [batch, channels = 0, rows, columns] = dims;
  const isOneOfOne = outputs.length === 1 && dims.length === 4 && batch === 1 && channels > CLASSES_FROM;
  return isOneOfOne && rows === Math.ceil(size.heightPx / STRIDE_PX) && columns === Math.ceil(size.widthPx / STRIDE_PX);
}

function cells({ data, dims: [, columns = 0, height = 0, width = 0] }: Output): Rows {
  return { data, count: height * width, columns, rowStep: 1, columnStep: height * width };
}

/** Objectness and classes are probabilities, and those of a cell's classes add up to one. */
function looksRight(rows: Rows): boolean {
  const { data, count, columns, columnStep } = rows;
  if (!areFractions(rows, { from: 0, to: 1 }) || !areFractions(rows, { from: CLASSES_FROM, to: columns })) return false;
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let column = CLASSES_FROM; column < columns; column++) sum += data[row + column * columnStep] ?? 0;
    if (Math.abs(sum - 1) > 0.01) return false;
  }
  return true;
}

function planFor({ name, dims }: Output, classes: number): Plan {
  return {
    reason: `output ${name} is [${dims.join(', ')}]: for each cell of ${STRIDE_PX} px an objectness, a box and ${classes} class scores that add up to one`,
    pixels: { channels: 'bgr', mean: [0, 0, 0], std: [255, 255, 255] },
    fit: 'stretch',
    resampling: 'area',
    freeShape: { multiplePx: 32, longSidePx: 352 },
    classes,
    outputs: [name],
    nmsIou: 0.6,
    decode: ([answer], options) => (answer ? decode(answer, options) : []),
  };
}

function decode(output: Output, { labels, minScore, input }: DecodeOptions): Candidate[] {
  const rows = cells(output);
  const { data, columnStep } = rows;
  const [, , height = 1, width = 1] = output.dims;
  const found: Candidate[] = [];
  const objectness = (cell: number): number => (data[cell] ?? 0) ** 0.6;
  const floorOf = (cell: number): number => (objectness(cell) >= minScore ? 0 : Number.POSITIVE_INFINITY);
  eachWanted(rows, { from: CLASSES_FROM, labels, floor: floorOf }, (cell, label, probability) => {
    const score = objectness(cell) * probability ** 0.4;
    if (score < minScore) return;
    const value = (channel: number): number => data[cell + channel * columnStep] ?? 0;
    const xPx = (((cell % width) + Math.tanh(value(1))) / width) * input.widthPx;
    const yPx = ((Math.floor(cell / width) + Math.tanh(value(2))) / height) * input.heightPx;
    const wPx = sigmoid(value(3)) * input.widthPx;
    const hPx = sigmoid(value(4)) * input.heightPx;
    found.push({ label, score, xPx: xPx - wPx / 2, yPx: yPx - hPx / 2, wPx, hPx });
  });
  return found;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
