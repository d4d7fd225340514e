/**
 * Detection transformers without their last step: boxes [1, queries, 4] (centre and size in fractions of the picture) and class
 * logits [1, queries, classes], in any order and under any names. RF-DETR, RT-DETR and Deformable DETR mean sigmoids; DETR and
 * YOLOS mean a softmax whose last class is "nothing". Ultralytics' RT-DETR writes both side by side, [1, queries, 4 + classes],
 * as probabilities. Pictures are stretched; no suppression needed.
 * Source: rfdetr/models/lwdetr.py (`PostProcess`), transformers/models/detr/image_processing_detr.py.
 */
import type { Candidate, DecodeOptions, Family, Output, Plan, Seen } from '../family.ts';
import { RGB_UNIT } from '../family.ts';
import { gridOf } from '../grid.ts';
import { areFractions, eachWanted, isTable, type Rows, rowsOf } from '../rows.ts';
import { transformerPixels } from '../transformers.ts';

/** More rows than this are cells of a grid, not queries. */
const MAX_QUERIES = 1500;
const ALL = 0.98;

type Coding = 'sigmoid' | 'softmax' | 'probability';

interface Reading {
  readonly boxes: Output;
  /** undefined where classes follow the box in the same row */
  readonly logits: Output | undefined;
  readonly coding: Coding;
  readonly classes: number;
  readonly why: string;
}

export const detr: Family = {
  name: 'detr',
  accepts: 'RF-DETR, DETR: boxes [1, queries, 4] in fractions and class logits [1, queries, classes]',
  recognise(seen) {
    const reading = twoOutputs(seen) ?? oneOutput(seen);
    return reading && planFor(reading, seen);
  },
};

function twoOutputs({ outputs }: Seen): Reading | undefined {
  const boxes = outputs.filter((output) => isBoxes(output));
  const [theBoxes] = boxes;
  if (boxes.length !== 1 || !theBoxes) return undefined;
  const others = outputs.filter(
    (output) => output !== theBoxes && isTable(output) && output.dims.at(-2) === theBoxes.dims.at(-2),
  );
  // Hidden states ride along in some exports; they are wider than any list of classes is likely to be named.
  const logits = others.length === 1 ? others[0] : others.find(({ name }) => /logit|label|class|score/i.test(name));
  if (!logits || logits.dims.length !== 3) return undefined;
  const rows = rowsOf(logits);
  const { coding, why } = codingOf(rows);
  return { boxes: theBoxes, logits, coding, why, classes: rows.columns - (coding === 'softmax' ? 1 : 0) };
}

function isBoxes(output: Output): boolean {
  const { dims } = output;
  if (dims.length !== 3 || dims[0] !== 1 || dims[2] !== 4 || (dims[1] ?? 0) > MAX_QUERIES) return false;
  return areFractions(rowsOf(output), { from: 0, to: 4, slack: 0.5 });
}

/** Ultralytics: one output, queries × (box, probabilities). */
function oneOutput({ outputs, metadata, size }: Seen): Reading | undefined {
  const [output, second] = outputs;
  if (!output || second || output.dims.length !== 3 || output.dims[0] !== 1 || metadata.get('task') === 'obb') return undefined;
  const rows = rowsOf(output);
  const { count, columns } = rows;
  if (count > MAX_QUERIES || count <= columns || columns < 5 || gridOf(size, count)) return undefined;
  const isProbable = areFractions(rows, { from: 0, to: 4, slack: 0.5 }) && areFractions(rows, { from: 4, to: columns });
  if (!isProbable || !hasSizes(rows)) return undefined;
  return { boxes: output, logits: undefined, coding: 'probability', classes: columns - 4, why: 'class values are 0…1' };
}

/** Widths and heights are never nothing, as corners or padding would be. */
function hasSizes({ data, count, columns }: Rows): boolean {
  for (let row = 0; row < count; row++)
    if (!((data[row * columns + 2] ?? 0) > 0 && (data[row * columns + 3] ?? 0) > 0)) return false;
  return true;
}

/**
 * On an empty picture a softmax model says "nothing" nearly everywhere: the last logit is the largest. Sigmoid models say it by
 * negative logits throughout.
 */
function codingOf(rows: Rows): { coding: Coding; why: string } {
  const { data, count, columns } = rows;
  if (areFractions(rows, { from: 0, to: columns })) return { coding: 'probability', why: 'class values are 0…1 already' };
  let nothing = 0;
  for (let row = 0; row < count; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    const last = values.at(-1) ?? 0;
    if (last > 0 && values.every((value) => value <= last)) nothing += 1;
  }
  return nothing > count / 2
    ? {
        coding: 'softmax',
        why: 'the last class is the strongest nearly everywhere on an empty picture: a softmax with “nothing”',
      }
    : { coding: 'sigmoid', why: 'classes are judged one by one: sigmoids' };
}

function planFor({ boxes, logits, coding, classes, why }: Reading, { graph }: Seen): Plan {
  const rule = logits ? transformerPixels(graph) : { pixels: RGB_UNIT, why: 'pixels are 0…1' };
  const what = logits
    ? `boxes (${boxes.name}) in fractions and class logits (${logits.name})`
    : `boxes in fractions with classes (${boxes.name})`;
  return {
    reason: `outputs are ${what} of ${boxes.dims[1]} queries, ${classes} classes; ${why}; ${rule.why}`,
    pixels: rule.pixels,
    fit: 'stretch',
    freeShape: { multiplePx: 32, longSidePx: 800 },
    classes,
    outputs: logits ? [boxes.name, logits.name] : [boxes.name],
    nmsIou: undefined,
    decode: ([theBoxes, theLogits], options) => {
      if (!theBoxes) return [];
      const rows = rowsOf(theLogits ?? theBoxes);
      return decode(rowsOf(theBoxes), { rows, from: theLogits ? 0 : 4, coding }, options);
    },
  };
}

interface Classes {
  readonly rows: Rows;
  readonly from: number;
  readonly coding: Coding;
}

function decode(boxes: Rows, { rows, from, coding }: Classes, { labels, minScore, input }: DecodeOptions): Candidate[] {
  const { widthPx, heightPx } = input;
  const floor = coding === 'sigmoid' ? -Math.log(1 / Math.min(minScore, ALL) - 1) : minScore;
  const floorOf = (row: number): number => Math.log(minScore) + logOfSum(rows, row);
  const found: Candidate[] = [];
  eachWanted(rows, { from, labels, floor: coding === 'softmax' ? floorOf : floor }, (row, label, value) => {
    const score = probability(value, { rows, row, coding });
    if (score < minScore) return;
    const start = row * boxes.rowStep;
    const [x = 0, y = 0, w = 0, h = 0] = boxes.data.subarray(start, start + 4);
    found.push({
      label,
      score,
      xPx: (x - w / 2) * widthPx,
      yPx: (y - h / 2) * heightPx,
      wPx: w * widthPx,
      hPx: h * heightPx,
    });
  });
  return found;
}

function probability(logit: number, { rows, row, coding }: { rows: Rows; row: number; coding: Coding }): number {
  if (coding === 'probability') return logit;
  if (coding === 'sigmoid') return 1 / (1 + Math.exp(-logit));
  return Math.exp(logit - logOfSum(rows, row));
}

/** What a softmax divides by, as a logarithm: the sum over all classes of a row, "nothing" among them. */
function logOfSum({ data, columns, rowStep }: Rows, row: number): number {
  const logits = data.subarray(row * rowStep, row * rowStep + columns);
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
}
