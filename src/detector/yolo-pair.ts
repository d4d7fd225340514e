/**
 * Boxes [1, cells, 4] and class scores [1, cells, classes] in outputs of their own, one row per cell of a grid, no objectness:
 * YOLO-NAS, and YOLOs exported for others' post-processing. Pure.
 */
import { type Candidate, type DecodeOptions, type Output, type Plan, RGB_UNIT, type Seen } from './family.ts';
import { type BoxCoding, boxCoding, gridOf } from './grid.ts';
import { areFractions, eachWanted, isTable, type Rows, rowsOf } from './rows.ts';
import { ultralyticsShape } from './ultralytics.ts';
import { boxOf } from './yolo-rows.ts';

interface Table {
  readonly output: Output;
  readonly rows: Rows;
  readonly isTransposed: boolean;
}

export function planForPair(seen: Seen): Plan | undefined {
  const tables = seen.outputs.flatMap((output) => tablesOf(output, seen));
  const boxes = tables.find(({ rows }) => rows.columns === 4);
  const scores = tables.find(
    (table) =>
      table !== boxes && table.rows.count === boxes?.rows.count && areFractions(table.rows, { from: 0, to: table.rows.columns }),
  );
  const grid = boxes && gridOf(seen.size, boxes.rows.count);
  if (!boxes || !scores || grid?.boxesPerCell !== 1) return undefined;
  const coding = boxCoding(boxes.rows, { size: seen.size, strides: grid.strides });
  return coding.unit === 'cell' ? undefined : planFor({ boxes, scores, coding }, { seen, strides: grid.strides });
}

/** Rows are cells, whichever way round. */
function tablesOf(output: Output, { size }: Seen): Table[] {
  if (!isTable(output)) return [];
  return [false, true].flatMap((isTransposed) => {
    const rows = rowsOf(output, { isTransposed });
    return gridOf(size, rows.count) ? [{ output, rows, isTransposed }] : [];
  });
}

interface Pair {
  readonly boxes: Table;
  readonly scores: Table;
  readonly coding: BoxCoding;
}

function planFor({ boxes, scores, coding }: Pair, { seen, strides }: { seen: Seen; strides: readonly number[] }): Plan {
  const classes = scores.rows.columns;
  const place = `${coding.isCorners ? 'corners' : 'centre and size'} in ${coding.unit === 'px' ? 'pixels' : 'fractions of the picture'}`;
  return {
    reason: `outputs are boxes (${boxes.output.name}: ${place}) and scores of ${classes} class${classes === 1 ? '' : 'es'} (${scores.output.name}) for each cell of the strides ${strides.join(', ')}`,
    pixels: RGB_UNIT,
    fit: 'centre',
    freeShape: ultralyticsShape(seen.metadata),
    classes,
    outputs: [boxes.output.name, scores.output.name],
    nmsIou: 0.7,
    decode: ([theBoxes, theScores], options) =>
      theBoxes && theScores ? decode(rowsOf(theBoxes, boxes), { scores: rowsOf(theScores, scores), coding }, options) : [],
  };
}

function decode(
  boxes: Rows,
  { scores, coding }: { scores: Rows; coding: BoxCoding },
  { labels, minScore, input }: DecodeOptions,
): Candidate[] {
  const found: Candidate[] = [];
  eachWanted(scores, { from: 0, labels, floor: minScore }, (row, label, score) => {
    found.push({ label, score, ...boxOf(boxes, { row, decoding: { coding }, input }) });
  });
  return found;
}
