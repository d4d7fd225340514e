/**
 * Events of one film against what a person saw in it. Pure. Labels are ± 0.3 s, so every interval is widened by that much.
 *
 * - A *visit* is a clear interval. It is found when a confirmed person was seen inside it by an event; how long the event lasts
 *   does not matter, and one event may hold several visits (their gap was shorter than the post-roll).
 * - An event is *right* when it saw somebody in a clear interval, *ignored* when only in an ambiguous one or while a person was
 *   there but not clear, and a *false alarm* otherwise.
 * - A visit is *split* when more than one event saw it. Parts of one long event (`continues`) are one event.
 */
import type { FilmTruth, Interval } from './truth.ts';

const LABEL_TOLERANCE_MS = 300;

/** A scene event, all its parts, as a film's replay tells of it. */
export interface SeenEvent {
  /** first time the confirmed person was seen */
  readonly startMs: number;
  /** the frame that confirmed: the alert goes out */
  readonly confirmedMs: number;
  /** last time a confirmed person was seen */
  readonly endMs: number;
  /** every frame that showed a confirmed person, and `startMs`; ascending */
  readonly sightingsMs: readonly number[];
  readonly people: number;
}

export interface Visit {
  readonly startMs: number;
  readonly endMs: number;
  /** indices of the events that saw it, in their order */
  readonly events: readonly number[];
  /** first sighting after the visit's start, negative when it came before the person was clear; undefined for a miss */
  readonly onsetMs?: number;
  /** the same for the alert, where the visit started an event of its own */
  readonly alertMs?: number;
}

export type EventKind = 'right' | 'ignored' | 'false';

export interface Judged {
  readonly visits: readonly Visit[];
  /** of each event, in their order */
  readonly kinds: readonly EventKind[];
  /** events that hold more than one visit */
  readonly shared: number;
  /** length of the film without what is ambiguous */
  readonly judgedMs: number;
}

export function judge(events: readonly SeenEvent[], truth: FilmTruth, durationMs: number): Judged {
  const visits = truth.clear.map((clear, i) => visitOf(clear, { fromMs: beginOf(truth, i), events }));
  const kinds = events.map((event) => kindOf(event, truth));
  const shared = events.filter((_, i) => visits.filter((visit) => visit.events.includes(i)).length > 1).length;
  return { visits, kinds, shared, judgedMs: Math.max(0, durationMs - lengthMs(truth.ambiguous, durationMs)) };
}

function visitOf(clear: Interval, { fromMs, events }: { fromMs: number; events: readonly SeenEvent[] }): Visit {
  const [startMs, endMs] = clear;
  const found = [...events.keys()].filter((i) => events[i]?.sightingsMs.some((ms) => isIn(ms, clear)));
  const visit = { startMs, endMs, events: found };
  const first = events[found[0] ?? -1];
  if (!first) return visit;
  const seenMs = first.sightingsMs.find((ms) => ms >= fromMs) ?? first.startMs;
  const onsetMs = seenMs - startMs;
  return first.startMs >= fromMs ? { ...visit, onsetMs, alertMs: first.confirmedMs - startMs } : { ...visit, onsetMs };
}

/** From when on a sighting belongs to visit `i`: the person came into view, and the visit before it is over. */
function beginOf({ person, clear }: FilmTruth, i: number): number {
  const [startMs = 0] = clear[i] ?? [];
  const [cameMs] = person.find((interval) => isIn(startMs, interval)) ?? [startMs];
  const [, beforeMs] = clear[i - 1] ?? [0, Number.NEGATIVE_INFINITY];
  return Math.max(Math.min(cameMs, startMs) - LABEL_TOLERANCE_MS, Math.min(beforeMs + LABEL_TOLERANCE_MS, startMs));
}

function kindOf({ sightingsMs }: SeenEvent, { clear, person, ambiguous }: FilmTruth): EventKind {
  const isSeenIn = (intervals: readonly Interval[]): boolean =>
    intervals.some((interval) => sightingsMs.some((ms) => isIn(ms, interval)));
  if (isSeenIn(clear)) return 'right';
  return isSeenIn([...person, ...ambiguous]) ? 'ignored' : 'false';
}

function isIn(ms: number, [fromMs, toMs]: Interval): boolean {
  return ms >= fromMs - LABEL_TOLERANCE_MS && ms <= toMs + LABEL_TOLERANCE_MS;
}

/** Intervals may overlap; what lies behind the end of the film does not count. */
function lengthMs(intervals: readonly Interval[], durationMs: number): number {
  let endMs = 0;
  let sumMs = 0;
  for (const [fromMs, toMs] of intervals.toSorted(([a], [b]) => a - b)) {
    const until = Math.min(toMs, durationMs);
    sumMs += Math.max(0, until - Math.max(fromMs, endMs));
    endMs = Math.max(endMs, until);
  }
  return sumMs;
}
