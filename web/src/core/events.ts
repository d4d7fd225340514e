/**
 * Pages and notices -> the list of events on the screen. Pure: `reduceEvents(list, change) -> list`.
 * Newest first; an event stands in the list once, in its newest version, whichever of page and notice came first.
 * The list has no holes: an event older than what was loaded is left for "load older".
 */
import type { AlertType } from '../../../src/messages/alert.ts';
import type { EventView } from '../../../src/messages/event.ts';
import { dayKey, type Place } from './format.ts';

export interface EventList {
  readonly status: 'loading' | 'ready' | 'failed';
  /** only events of this camera; undefined = all */
  readonly camera: string | undefined;
  readonly events: readonly EventView[];
  /** cursor of the next older page */
  readonly next: string | undefined;
  readonly isLoadingOlder: boolean;
  /** events that came while somebody was looking: they slide in */
  readonly arrived: ReadonlySet<string>;
  readonly error: string | undefined;
}

export type EventChange =
  | { readonly type: 'reset'; readonly camera: string | undefined }
  | {
      readonly type: 'page';
      readonly events: readonly EventView[];
      readonly next: string | undefined;
      readonly isFirst: boolean;
    }
  | { readonly type: 'loadOlder' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'notice'; readonly event: EventView }
  | { readonly type: 'deleted'; readonly id: string };

export const emptyList: EventList = {
  status: 'loading',
  camera: undefined,
  events: [],
  next: undefined,
  isLoadingOlder: false,
  arrived: new Set(),
  error: undefined,
};

export type Phase = 'live' | 'finishing' | 'ready' | 'failed';

const PHASES: Record<AlertType, Phase> = {
  start: 'live',
  live: 'live',
  update: 'live',
  end: 'finishing',
  ready: 'ready',
  failed: 'failed',
};

/** What an event's last alert means for a viewer. */
export function phaseOf({ type }: Pick<EventView, 'type'>): Phase {
  return PHASES[type];
}

/** How long people were in view: to the last sight of them, or to now while the event is open. */
export function visitMs(event: Pick<EventView, 'type' | 'startedAt' | 'endedAt'>, nowMs: number): number {
  const endMs = event.endedAt === undefined ? nowMs : Date.parse(event.endedAt);
  return Math.max(0, endMs - Date.parse(event.startedAt));
}

/** The newer of two versions of one event. */
export function newerOf(a: EventView, b: EventView): EventView {
  return b.revision >= a.revision ? b : a;
}

/** Newest first. */
function compareEvents(a: EventView, b: EventView): number {
  return Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

export function reduceEvents(list: EventList, change: EventChange): EventList {
  switch (change.type) {
    case 'reset':
      return { ...emptyList, camera: change.camera };
    case 'page':
      return change.isFirst ? withFirstPage(list, change) : withOlderPage(list, change);
    case 'loadOlder':
      return { ...list, isLoadingOlder: true, error: undefined };
    case 'failed':
      return { ...list, status: list.events.length > 0 ? 'ready' : 'failed', isLoadingOlder: false, error: change.message };
    case 'deleted':
      return { ...list, events: list.events.filter(({ id }) => id !== change.id) };
    default:
      return withNotice(list, change.event);
  }
}

type Page = Extract<EventChange, { type: 'page' }>;

/** What was loaded before stays behind the fresh page if the two touch; otherwise it would leave a hole and goes. */
function withFirstPage(list: EventList, page: Page): EventList {
  const known = new Set(list.events.map(({ id }) => id));
  const [newest, oldest] = [page.events[0], page.events.at(-1)];
  const doTouch = page.events.some(({ id }) => known.has(id));
  const older = oldest && page.next && doTouch ? list.events.filter((event) => compareEvents(event, oldest) > 0) : [];
  const arrivedMeanwhile = list.events.filter(
    (event) => list.arrived.has(event.id) && (!newest || compareEvents(event, newest) < 0),
  );
  return {
    ...list,
    status: 'ready',
    error: undefined,
    isLoadingOlder: false,
    events: merge([...arrivedMeanwhile, ...page.events, ...older], list.events),
    next: older.length > 0 ? list.next : page.next,
  };
}

function withOlderPage(list: EventList, page: Page): EventList {
  return {
    ...list,
    error: undefined,
    isLoadingOlder: false,
    events: merge([...list.events, ...page.events], list.events),
    next: page.next,
  };
}

function withNotice(list: EventList, event: EventView): EventList {
  if (list.camera !== undefined && event.camera !== list.camera) return list;
  if (list.events.some(({ id }) => id === event.id)) return { ...list, events: merge(list.events, [event]) };
  const oldest = list.events.at(-1);
  const isBeyond = list.next !== undefined && oldest !== undefined && compareEvents(event, oldest) > 0;
  if (isBeyond) return list;
  return { ...list, events: merge([event, ...list.events], []), arrived: new Set([...list.arrived, event.id]) };
}

/** `events` in order, each once, each replaced by its version in `versions` if that is newer. */
function merge(events: readonly EventView[], versions: readonly EventView[]): readonly EventView[] {
  const byId = new Map<string, EventView>();
  for (const event of events) byId.set(event.id, newerOf(byId.get(event.id) ?? event, event));
  for (const event of versions) {
    const known = byId.get(event.id);
    if (known) byId.set(event.id, newerOf(known, event));
  }
  return [...byId.values()].sort(compareEvents);
}

export interface EventDay {
  readonly key: string;
  /** some moment of that day */
  readonly atMs: number;
  readonly events: readonly EventView[];
}

/** The list cut at local midnights. */
export function groupByDay(events: readonly EventView[], place: Place = {}): readonly EventDay[] {
  const days = new Map<string, EventView[]>();
  for (const event of events) {
    const key = dayKey(Date.parse(event.startedAt), place);
    const day = days.get(key);
    if (day) day.push(event);
    else days.set(key, [event]);
  }
  return [...days].map(([key, of]) => ({ key, atMs: Date.parse(of[0]?.startedAt ?? ''), events: of }));
}
