/** What other settings would have done to past events → lines for a terminal. Pure. */
import type { Comparison, Fate, Outcome, PastVisit, Span } from './compare.ts';
import { table } from './report.ts';

export interface JudgedCamera extends Comparison {
  readonly camera: string;
  readonly visits: readonly PastVisit[];
  /** events of which nothing is known: no detections, or not where they begin */
  readonly unknown: number;
  /** candidates between the events were written down: what is gained is all that would be */
  readonly hasCandidates: boolean;
}

const FATES: readonly Fate[] = ['lost', 'split', 'shortened', 'longer'];

interface Row {
  readonly cells: readonly [startedAt: string, camera: string, id: string, was: string, fate: string];
  readonly said: string;
}

const HEAD: Row = { cells: ['event started', 'camera', 'event', 'was', 'would be'], said: '' };

/** What changes, event by event, and how many stay as they are. */
export function whatIfLines(cameras: readonly JudgedCamera[]): string[] {
  const rows = cameras.flatMap((judged) => [
    ...judged.outcomes.filter(({ fate }) => fate !== 'same').map((outcome) => rowOf(outcome, judged)),
    ...judged.gained.map((span): Row => ({ cells: [iso(span.startMs), judged.camera, '', '', 'gained'], said: lengthOf(span) })),
  ]);
  const sorted = [HEAD, ...rows.toSorted((a, b) => (a.cells[0] < b.cells[0] ? -1 : 1))];
  const lines = table(sorted.map(({ cells }) => cells)).split('\n');
  const outcomes = cameras.flatMap((judged) => judged.outcomes);
  const gained = cameras.reduce((sum, judged) => sum + judged.gained.length, 0);
  const counts = FATES.map((fate) => [fate, outcomes.filter((outcome) => outcome.fate === fate).length] as const);
  const changed = counts.reduce((sum, [, count]) => sum + count, 0);
  const said = [...counts.map(([fate, count]) => `${count} ${fate}`), `${gained} gained`].join(', ');
  return [
    ...(rows.length > 0 ? [...lines.map((line, i) => `${line}  ${sorted[i]?.said ?? ''}`.trimEnd()), ''] : []),
    `${outcomes.length} past events: ${outcomes.length - changed} the same, ${said}`,
    ...notes(cameras),
  ];
}

function notes(cameras: readonly JudgedCamera[]): string[] {
  const unknown = cameras.reduce((sum, judged) => sum + judged.unknown, 0);
  const without = cameras.filter(({ hasCandidates }) => !hasCandidates).map(({ camera }) => camera);
  return [
    ...(unknown > 0 ? [`${unknown} events have no detections that could be replayed`] : []),
    ...(without.length > 0
      ? [`nothing is known of the time between the events of ${without.join(', ')}: what would be gained there cannot be said`]
      : []),
  ];
}

function rowOf({ id, fate, spans, startsLaterMs, endsEarlierMs, isJoined }: Outcome, { camera, visits }: JudgedCamera): Row {
  const visit = visits.find((candidate) => candidate.id === id);
  const said = [
    ...(fate === 'split' ? [`into ${spans.length}: ${spans.map(lengthOf).join(', ')}`] : []),
    ...(startsLaterMs > 0 ? [`starts ${seconds(startsLaterMs)} s later`] : []),
    ...(startsLaterMs < 0 ? [`starts ${seconds(-startsLaterMs)} s earlier`] : []),
    ...(endsEarlierMs > 0 ? [`ends ${seconds(endsEarlierMs)} s earlier`] : []),
    ...(endsEarlierMs < 0 ? [`ends ${seconds(-endsEarlierMs)} s later`] : []),
    ...(isJoined ? ['joined with a neighbour'] : []),
  ];
  const cells = [visit ? iso(visit.startMs) : '', camera, id, visit ? lengthOf(visit) : '', fate] as const;
  return { cells, said: said.join(', ') };
}

function lengthOf({ startMs, endMs }: Span): string {
  return `${seconds(endMs - startMs)} s`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
