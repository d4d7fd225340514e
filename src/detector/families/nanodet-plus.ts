/**
 * NanoDet-Plus (RangiLyu): one output [1, points, classes + 4 × 8]. Class scores are sigmoids already; each side's distance is
 * the mean of a softmax over 8 bins, times the stride, from the point (column, row) × stride. Points of strides 8, 16, 32, 64
 * follow each other, row-major. NanoDet of version 1 writes the same with three strides and points in the middle of
 * cells.
 * Source: nanodet/model/head/nanodet_plus_head.py, gfl_head.py and models/README.md.
 */
import { type DistanceTable, decodeDistances, middlePixel } from '../distances.ts';
import { BGR_IMAGENET, type Candidate, type Family, type Output, type Plan, type Seen } from '../family.ts';
import { cellTables, gridOf } from '../grid.ts';
import { areFractions, isTable, type Rows, rowsOf } from '../rows.ts';

const BINS = 8;
const DISTANCES = 4 * BINS;
/** Sides that follow the camera, at this area (models/README.md, figures). */
const FREE_SHAPE = { multiplePx: 32, areaPx: 544 * 320 };

export const nanodetPlus: Family = {
  name: 'nanodet-plus',
  accepts: 'one output [1, points, classes + 32], scores and 4 × 8 distance bins, strides 8 … 64',
  recognise(seen, { isStated }) {
    for (const isTransposed of [false, true]) {
      for (const output of seen.outputs) {
        const plan = isTable(output) ? planFor(output, { seen, isTransposed, isStated }) : undefined;
        if (plan) return plan;
      }
    }
    return undefined;
  },
};

interface PlanOptions {
  readonly seen: Seen;
  readonly isTransposed: boolean;
  readonly isStated: boolean;
}

function planFor(output: Output, { seen, isTransposed, isStated }: PlanOptions): Plan | undefined {
  const rows = rowsOf(output, { isTransposed });
  const classes = rows.columns - DISTANCES;
  const grid = gridOf(seen.size, rows.count);
  if (classes < 1 || grid?.boxesPerCell !== 1 || grid.strides[0] !== 8 || grid.strides.length < 3) return undefined;
  if (!isStated && !looksRight(rows, classes)) return undefined;
  const isPlus = grid.strides.length === 4;
  const cells = cellTables(grid.strides);
  const layout = isTransposed ? `${rows.columns}, points` : `points, ${rows.columns}`;
  return {
    reason: `output ${output.name} is [1, ${layout}] = ${classes} class scores + 4 × ${BINS} distance bins over strides ${grid.strides.join(', ')}`,
    pixels: BGR_IMAGENET,
    fit: 'centre',
    freeShape: FREE_SHAPE,
    classes,
    outputs: [output.name],
    nmsIou: 0.6,
    decode: ([answer], options) => {
      const found: Candidate[] = [];
      if (answer)
        decodeDistances(table(rowsOf(answer, { isTransposed }), { cells: cells(options.input), isPlus }), options, found);
      return found;
    },
  };
}

function table(rows: Rows, { cells, isPlus }: { cells: Float32Array; isPlus: boolean }): DistanceTable {
  if (cells.length !== 3 * rows.count)
    throw new Error(`Expected an output of ${cells.length / 3} points but received ${rows.count}`);
  return {
    scores: rows,
    scoresFrom: 0,
    distances: rows,
    distancesFrom: rows.columns - DISTANCES,
    bins: BINS,
    cells,
    centrePx: isPlus ? () => 0 : middlePixel,
  };
}

/** Scores are probabilities; the bins are not. */
function looksRight(rows: Rows, classes: number): boolean {
  return areFractions(rows, { from: 0, to: classes }) && !areFractions(rows, { from: classes, to: rows.columns });
}
