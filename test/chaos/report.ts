/** Trials -> a row of the table, and whether it is within its bar. */
import type { Fault, Trial } from './fault.ts';

export interface Row {
  readonly fault: Fault;
  readonly feed: string;
  readonly trials: readonly Trial[];
  /** why it was not tried */
  readonly missing?: string | undefined;
}

export const HEAD = [
  '| fault | feed | runs | events | events lost | video lost, s: median / max | blind, s: median / max | recovery, s: median / max | problems |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
].join('\n');

export function rowText({ fault, feed, trials, missing }: Row): string {
  if (missing !== undefined) return `| ${fault.name} | ${feed} | 0 | | | | | | not tried: ${missing} |`;
  const problems = [...new Set(trials.flatMap((trial) => trial.problems))];
  const cells = [
    fault.name,
    feed,
    trials.length,
    sum(trials.map(({ events }) => events)),
    sum(trials.map(({ eventsLost }) => eventsLost)),
    spread(trials.map(({ lostMs }) => lostMs)),
    spread(trials.map(({ blindMs }) => blindMs)),
    spread(trials.map(({ recoveryMs }) => recoveryMs)),
    problems.length === 0 ? 'none' : problems.join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}

export function isWithinBar({ fault, trials }: Row): boolean {
  return trials.every(
    ({ eventsLost, lostMs, problems }) => eventsLost === 0 && problems.length === 0 && lostMs <= fault.mayLoseMs,
  );
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${seconds(median)} / ${seconds(sorted.at(-1) ?? 0)}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
