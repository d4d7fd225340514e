/** Every sensible pair of minScore and startScore, and what came of it. Pure: the replay is given. */
import type { Summary } from './summary.ts';

export interface Scores {
  readonly minScore: number;
  readonly startScore: number;
}

export interface SweepCell extends Scores {
  readonly summary: Summary;
}

export interface Sweep {
  /** ascending */
  readonly minScores: readonly number[];
  readonly startScores: readonly number[];
  /** only pairs with minScore ≤ startScore */
  readonly cells: readonly SweepCell[];
  /** the setting that was asked for; it is one of the cells */
  readonly chosen: Scores;
}

const MIN_SCORES = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5];
const START_SCORES = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7];

export function sweep(chosen: Scores, summarise: (scores: Scores) => Summary): Sweep {
  const minScores = withValue(MIN_SCORES, chosen.minScore);
  const startScores = withValue(START_SCORES, chosen.startScore);
  const cells = minScores.flatMap((minScore) =>
    startScores
      .filter((startScore) => minScore <= startScore)
      .map((startScore) => ({ minScore, startScore, summary: summarise({ minScore, startScore }) })),
  );
  return { minScores, startScores, cells, chosen };
}

export function cellAt({ cells }: Sweep, { minScore, startScore }: Scores): SweepCell | undefined {
  return cells.find((cell) => cell.minScore === minScore && cell.startScore === startScore);
}

function withValue(values: readonly number[], value: number): number[] {
  return [...new Set([...values, value])].sort((a, b) => a - b);
}
