import { describe, expect, it } from 'vitest';
import type { EventView } from '../../src/messages/event.ts';
import { emptyList, type EventList, groupByDay, phaseOf, reduceEvents, visitMs } from '../../web/src/core/events.ts';

const BASE_MS = Date.parse('2026-11-20T12:00:00Z');

/** An event that started `minutesAgo`. */
function event(id: string, minutesAgo: number, more: Partial<EventView> = {}): EventView {
  const startedAt = new Date(BASE_MS - minutesAgo * 60_000).toISOString();
  return {
    schema: 2,
    revision: 1,
    type: 'ready',
    id,
    camera: 'front',
    label: 'person',
    at: startedAt,
    startedAt,
    score: 0.8,
    count: 0,
    people: 1,
    box: { x: 0, y: 0, w: 1, h: 1 },
    zones: [],
    urls: { page: '', playlist: '' },
    latencyMs: { frameToDetect: 1, detectToConfirm: 2 },
    feed: 'frames',
    files: [],
    droppedFrames: 0,
    configHash: '',
    ...more,
  };
}

function listOf(events: readonly EventView[], next?: string): EventList {
  return reduceEvents(emptyList, { type: 'page', events, next, isFirst: true });
}

const ids = ({ events }: EventList): string[] => events.map(({ id }) => id);

describe('reduceEvents', () => {
  it('puts a new event on top and marks it as arrived', () => {
    const list = reduceEvents(listOf([event('a', 10)]), { type: 'notice', event: event('b', 1, { type: 'start' }) });
    expect(ids(list)).toEqual(['b', 'a']);
    expect([...list.arrived]).toEqual(['b']);
  });

  it('replaces an event by its newer version in place, without marking it', () => {
    const list = reduceEvents(listOf([event('a', 10, { type: 'live', revision: 5 })]), {
      type: 'notice',
      event: event('a', 10, { type: 'end', revision: 6 }),
    });
    expect(list.events.map(({ type }) => type)).toEqual(['end']);
    expect(list.arrived.size).toBe(0);
  });

  it('ignores an older version that comes late, from the stream or from a page', () => {
    const newest = event('a', 10, { type: 'ready', revision: 9 });
    const late = event('a', 10, { type: 'update', revision: 7 });
    expect(reduceEvents(listOf([newest]), { type: 'notice', event: late }).events).toEqual([newest]);
    expect(reduceEvents(listOf([newest]), { type: 'page', events: [late], next: undefined, isFirst: true }).events).toEqual([
      newest,
    ]);
  });

  it('appends an older page and takes its cursor', () => {
    const list = reduceEvents(listOf([event('b', 5)], 'cursor-b'), {
      type: 'page',
      events: [event('a', 10)],
      next: undefined,
      isFirst: false,
    });
    expect(ids(list)).toEqual(['b', 'a']);
    expect(list.next).toBeUndefined();
  });

  it('leaves an event that is older than what was loaded to "load older", so that the list has no hole', () => {
    const list = reduceEvents(listOf([event('b', 5)], 'cursor-b'), { type: 'notice', event: event('a', 60) });
    expect(ids(list)).toEqual(['b']);
  });

  it('takes an older event when everything has been loaded', () => {
    const list = reduceEvents(listOf([event('b', 5)]), { type: 'notice', event: event('a', 60) });
    expect(ids(list)).toEqual(['b', 'a']);
  });

  it('keeps what was loaded behind a fresh first page that touches it', () => {
    const loaded = reduceEvents(listOf([event('c', 5), event('b', 10)], 'cursor-b'), {
      type: 'page',
      events: [event('a', 20)],
      next: 'cursor-a',
      isFirst: false,
    });
    const list = reduceEvents(loaded, { type: 'page', events: [event('d', 1), event('c', 5)], next: 'cursor-c', isFirst: true });
    expect(ids(list)).toEqual(['d', 'c', 'b', 'a']);
    expect(list.next).toBe('cursor-a');
  });

  it('drops what was loaded when the fresh first page does not touch it', () => {
    const list = reduceEvents(listOf([event('a', 600)], 'cursor-a'), {
      type: 'page',
      events: [event('z', 2), event('y', 3)],
      next: 'cursor-y',
      isFirst: true,
    });
    expect(ids(list)).toEqual(['z', 'y']);
    expect(list.next).toBe('cursor-y');
  });

  it('forgets an event that was deleted on the recorder', () => {
    const list = reduceEvents(listOf([event('b', 5), event('a', 10)]), {
      type: 'page',
      events: [event('b', 5)],
      next: undefined,
      isFirst: true,
    });
    expect(ids(list)).toEqual(['b']);
  });

  it('lets go of an event that is deleted while the page is open', () => {
    const list = reduceEvents(listOf([event('b', 1), event('a', 2)]), { type: 'deleted', id: 'b' });
    expect(list.events.map(({ id }) => id)).toEqual(['a']);
    expect(reduceEvents(list, { type: 'deleted', id: 'never seen' }).events).toHaveLength(1);
  });

  it('keeps an event that came by the stream while the page was being fetched', () => {
    const noticed = reduceEvents(listOf([event('a', 10)]), { type: 'notice', event: event('b', 1) });
    const list = reduceEvents(noticed, { type: 'page', events: [event('a', 10)], next: undefined, isFirst: true });
    expect(ids(list)).toEqual(['b', 'a']);
  });

  it('shows only the camera that was asked for', () => {
    const filtered = reduceEvents(listOf([event('a', 10)]), { type: 'reset', camera: 'garden' });
    expect(filtered.status).toBe('loading');
    const list = reduceEvents(filtered, { type: 'notice', event: event('b', 1) });
    expect(ids(list)).toEqual([]);
    expect(ids(reduceEvents(list, { type: 'notice', event: event('c', 1, { camera: 'garden' }) }))).toEqual(['c']);
  });

  it('keeps the list when a later page cannot be loaded, and says why', () => {
    const list = reduceEvents(listOf([event('a', 10)], 'cursor'), { type: 'failed', message: 'away' });
    expect(list).toMatchObject({ status: 'ready', error: 'away', isLoadingOlder: false });
    expect(reduceEvents(emptyList, { type: 'failed', message: 'away' }).status).toBe('failed');
  });
});

describe('an event', () => {
  it('is live until its end, then finishing, then ready or failed', () => {
    const types = ['start', 'live', 'update', 'end', 'ready', 'failed'] as const;
    expect(types.map((type) => phaseOf({ type }))).toEqual(['live', 'live', 'live', 'finishing', 'ready', 'failed']);
  });

  it('lasts until now while it is open, and never less than nothing', () => {
    expect(visitMs(event('a', 1, { type: 'live' }), BASE_MS)).toBe(60_000);
    expect(visitMs(event('a', 1, { endedAt: new Date(BASE_MS - 50_000).toISOString() }), BASE_MS)).toBe(10_000);
    expect(visitMs(event('a', -1, { type: 'live' }), BASE_MS)).toBe(0);
  });
});

describe('groupByDay', () => {
  it('cuts the list at local midnights and keeps its order', () => {
    const events = [event('c', 0), event('b', 11 * 60), event('a', 14 * 60)];
    const days = groupByDay(events, { timeZone: 'UTC' });
    expect(days.map(({ key, events: of }) => [key, of.map(({ id }) => id)])).toEqual([
      ['2026-11-20', ['c', 'b']],
      ['2026-11-19', ['a']],
    ]);
  });
});
