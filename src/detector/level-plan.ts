/** The plan of families with scores and distances per stride; they differ in strides, pixels and fit. Pure. */
import { type DistanceTable, decodeDistances } from './distances.ts';
import type { Candidate, Fit, Output, PixelRule, Plan, Resampling, Seen } from './family.ts';
import { cellTables } from './grid.ts';
import { type Level, levelRows, levelsOf } from './levels.ts';

export interface LevelRules {
  readonly strides: readonly number[];
  /** undefined: as many as there are */
  readonly bins?: number;
  readonly nmsIou?: number;
  readonly resampling?: Resampling;
  readonly pixels: PixelRule;
  readonly fit: Fit;
  readonly border?: number;
  readonly centrePx: (stride: number) => number;
}

/** Undefined unless the outputs are exactly these levels. */
export function planForLevels({ outputs, size }: Pick<Seen, 'outputs' | 'size'>, rules: LevelRules): Plan | undefined {
  const levels = levelsOf(outputs, size);
  const [first] = levels ?? [];
  if (!levels || !first || levels.map(({ stride }) => stride).join() !== rules.strides.join()) return undefined;
  if (first.bins !== (rules.bins ?? first.bins)) return undefined;
  const cells = levels.map(({ stride }) => cellTables([stride]));
  return {
    reason: `for each of the strides ${rules.strides.join(', ')} one output of ${first.classes} class scores and one of 4 × ${first.bins} distance bins${first.isLogit ? ' (scores are logits)' : ''}`,
    pixels: rules.pixels,
    fit: rules.fit,
    resampling: rules.resampling ?? 'area',
    ...(rules.border === undefined ? {} : { border: rules.border }),
    freeShape: { multiplePx: Math.max(...rules.strides, 32), longSidePx: 320 },
    classes: first.classes,
    outputs: levels.flatMap(({ scores, distances }) => [scores.name, distances.name]),
    nmsIou: rules.nmsIou ?? 0.6,
    decode: (answers, options) => {
      const found: Candidate[] = [];
      for (const [i, level] of levels.entries()) {
        const [scores, distances] = answers.slice(2 * i);
        const cellsOfLevel = cells[i]?.(options.input);
        if (scores && distances && cellsOfLevel)
          decodeDistances(tableOf([scores, distances], { level, cells: cellsOfLevel, centrePx: rules.centrePx }), options, found);
      }
      return found;
    },
  };
}

function tableOf(
  [scores, distances]: readonly [Output, Output],
  { level, cells, centrePx }: { level: Level; cells: Float32Array; centrePx: LevelRules['centrePx'] },
): DistanceTable {
  return {
    scores: levelRows(scores),
    scoresFrom: 0,
    isLogit: level.isLogit,
    distances: levelRows(distances),
    distancesFrom: 0,
    bins: level.bins,
    cells,
    centrePx,
  };
}
