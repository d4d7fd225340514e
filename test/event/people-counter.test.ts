import { describe, expect, it } from 'vitest';
import { PeopleCounter } from '../../src/event/people-counter.ts';
import type { Track } from '../../src/messages/detection.ts';

const track = (id: number, more: Partial<Track> = {}): Track => ({
  id,
  label: 'person',
  score: 0.8,
  meanScore: 0.8,
  box: { x: 0, y: 0, w: 0.1, h: 0.4 },
  isConfirmed: true,
  isSeen: true,
  firstSeenPtsMs: 1000,
  lastSeenPtsMs: 4500,
  ...more,
});

describe('people', () => {
  it('are counted as they come and go: now, so far, and how long each stayed', () => {
    const counter = new PeopleCounter();
    expect(counter.step({ tracks: [], left: [] })).toEqual([]);
    expect(counter.step({ tracks: [track(1)], left: [] })).toEqual([{ type: 'count', count: 1, total: 1 }]);
    expect(counter.step({ tracks: [track(1)], left: [] })).toEqual([]);
    expect(counter.step({ tracks: [track(1), track(2)], left: [] })).toEqual([{ type: 'count', count: 2, total: 2 }]);
    expect(counter.step({ tracks: [track(2)], left: [track(1)] })).toEqual([
      { type: 'count', count: 1, total: 2 },
      { type: 'left', durationMs: 3500 },
    ]);
    expect(counter.step({ tracks: [], left: [track(2)] })).toEqual([
      { type: 'count', count: 0, total: 2 },
      { type: 'left', durationMs: 3500 },
    ]);
  });

  it('are not counted before they are confirmed, and stay while they flicker', () => {
    const counter = new PeopleCounter();
    expect(counter.step({ tracks: [track(1, { isConfirmed: false })], left: [] })).toEqual([]);
    expect(counter.step({ tracks: [track(1)], left: [] })).toHaveLength(1);
    expect(counter.step({ tracks: [track(1, { isSeen: false })], left: [] })).toEqual([]);
  });

  it('are counted anew, also where they are as many as before, when somebody who could not see looks again', () => {
    const counter = new PeopleCounter();
    counter.step({ tracks: [track(1)], left: [] });
    counter.lookAnew();
    expect(counter.step({ tracks: [track(1)], left: [] })).toEqual([{ type: 'count', count: 1, total: 1 }]);
    expect(counter.step({ tracks: [track(1)], left: [] })).toEqual([]);
  });

  it('who change places on one frame are one now and one more so far', () => {
    const counter = new PeopleCounter();
    counter.step({ tracks: [track(1)], left: [] });
    expect(counter.step({ tracks: [track(2)], left: [track(1)] })).toEqual([
      { type: 'count', count: 1, total: 2 },
      { type: 'left', durationMs: 3500 },
    ]);
  });
});
