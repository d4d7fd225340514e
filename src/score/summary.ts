/** What was judged, film by film → the figures of one setting: recall, precision, false alarms per hour, onset. Pure. */
import type { Judged } from './judge.ts';

export interface Spread {
  readonly medianMs: number;
  readonly maxMs: number;
}

export interface Summary {
  readonly visits: number;
  readonly found: number;
  /** found / visits; undefined where there is nobody to find */
  readonly recall?: number;
  readonly events: { readonly right: number; readonly ignored: number; readonly false: number };
  /** right / (right + false); undefined without such events */
  readonly precision?: number;
  /** of film that can be judged */
  readonly hours: number;
  readonly falsePerHour: number;
  /** of the visits that were found: first sighting after the start of the visit */
  readonly onset?: Spread;
  /** of the visits with an event of their own: alert after the start of the visit */
  readonly alert?: Spread;
  /** visits that more than one event saw */
  readonly splitVisits: number;
  /** events that hold more than one visit: no mistake */
  readonly sharedEvents: number;
}

const HOUR_MS = 3_600_000;

export function summarise(films: readonly Judged[]): Summary {
  const visits = films.flatMap((film) => film.visits);
  const found = visits.filter(({ events }) => events.length > 0).length;
  const kinds = films.flatMap((film) => film.kinds);
  const count = (wanted: string): number => kinds.filter((kind) => kind === wanted).length;
  const events = { right: count('right'), ignored: count('ignored'), false: count('false') };
  const hours = sum(films.map(({ judgedMs }) => judgedMs)) / HOUR_MS;
  const onset = spreadOf(visits.map(({ onsetMs }) => onsetMs));
  const alert = spreadOf(visits.map(({ alertMs }) => alertMs));
  return {
    visits: visits.length,
    found,
    ...(visits.length > 0 && { recall: found / visits.length }),
    events,
    ...(events.right + events.false > 0 && { precision: events.right / (events.right + events.false) }),
    hours,
    falsePerHour: hours > 0 ? events.false / hours : 0,
    ...(onset && { onset }),
    ...(alert && { alert }),
    splitVisits: visits.filter((visit) => visit.events.length > 1).length,
    sharedEvents: sum(films.map(({ shared }) => shared)),
  };
}

/** Bars a summary may have to reach. The onset is the median. */
export interface Bars {
  readonly minRecall?: number;
  readonly maxFalsePerHour?: number;
  readonly maxOnsetMs?: number;
}

/** One sentence per bar that was not reached. A bar that nothing can be held against is not reached either. */
export function missedBars({ recall, falsePerHour, onset }: Summary, { minRecall, maxFalsePerHour, maxOnsetMs }: Bars): string[] {
  const missed: string[] = [];
  if (minRecall !== undefined && !((recall ?? -1) >= minRecall))
    missed.push(`recall is ${recall === undefined ? 'unknown: there are no visits' : recall.toFixed(3)}, asked for ${minRecall}`);
  if (maxFalsePerHour !== undefined && falsePerHour > maxFalsePerHour)
    missed.push(`${falsePerHour.toFixed(2)} false alarms per hour, at most ${maxFalsePerHour} asked for`);
  if (maxOnsetMs !== undefined && !((onset?.medianMs ?? Infinity) <= maxOnsetMs))
    missed.push(
      `median onset is ${onset ? `${Math.round(onset.medianMs)} ms` : 'unknown: nothing was found'}, at most ${maxOnsetMs} ms asked for`,
    );
  return missed;
}

function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const maxMs = sorted.at(-1);
  if (maxMs === undefined) return undefined;
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? maxMs;
  const low = sorted[(sorted.length - 1) >> 1] ?? high;
  return { medianMs: (low + high) / 2, maxMs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
