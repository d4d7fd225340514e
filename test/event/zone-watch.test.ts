import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SceneMachine } from '../../src/event/scene-machine.ts';
import { ZoneWatch } from '../../src/event/zone-watch.ts';
import type { Track, TrackedFrame } from '../../src/messages/detection.ts';

type Point = [number, number];
const square = (x: number, y: number, side: number): Point[] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
];
const YARD = { name: 'yard', points: square(0.2, 0.5, 0.4), frames: 3, maxSpeed: 12 };
const DOOR = { name: 'door', points: square(0.4, 0.6, 0.1), frames: 1, maxSpeed: 12 };

const machine = (): SceneMachine => new SceneMachine({ event: { postRollMs: 1000, maxDurationMs: 60_000 }, mintId: () => 'a' });

/** A track whose feet are at x, y. */
const standing = (x: number, y: number, more: Partial<Track> = {}): Track => ({
  id: 1,
  label: 'person',
  score: 0.8,
  meanScore: 0.8,
  box: { x: x - 0.05, y: y - 0.3, w: 0.1, h: 0.3 },
  isConfirmed: true,
  isSeen: true,
  firstSeenPtsMs: 0,
  lastSeenPtsMs: 0,
  ...more,
});

function watch(...zones: (typeof YARD)[]) {
  const zoneWatch = new ZoneWatch({ zones });
  let slot = -1;
  return (...tracks: Track[]): TrackedFrame => {
    slot += 1;
    const ptsMs = slot * 200;
    return zoneWatch.step({ slot, ptsMs, atMs: ptsMs, arrivedNowMs: 0, latencyMs: 0, tracks, left: [], rejected: [] });
  };
}

const zonesOf = ({ tracks }: TrackedFrame) => tracks.map(({ zones }) => zones);

describe('zones', () => {
  it('are none: the frame passes through as it is', () => {
    const frame: TrackedFrame = {
      slot: 0,
      ptsMs: 0,
      atMs: 0,
      arrivedNowMs: 0,
      latencyMs: 0,
      tracks: [standing(0, 0)],
      left: [],
      rejected: [],
    };
    expect(new ZoneWatch({ zones: [] }).step(frame)).toBe(frame);
  });

  it('count from the last of so many frames in a row on, by the feet', () => {
    const step = watch(YARD);
    expect([1, 2, 3, 4].map(() => zonesOf(step(standing(0.4, 0.7)))[0])).toEqual([[], [], ['yard'], ['yard']]);
    // The head is still inside.
    expect(zonesOf(step(standing(0.4, 0.95)))).toEqual([[]]);
    expect(zonesOf(step(standing(0.4, 0.7)))).toEqual([[]]);
  });

  it('are told apart, and one person may be in several', () => {
    const step = watch(YARD, DOOR);
    step(standing(0.45, 0.65), standing(0.9, 0.9, { id: 2 }));
    step(standing(0.45, 0.65), standing(0.9, 0.9, { id: 2 }));
    expect(zonesOf(step(standing(0.45, 0.65), standing(0.9, 0.9, { id: 2 })))).toEqual([['yard', 'door'], []]);
  });

  it('do not lose a person who is out of sight for a frame', () => {
    const step = watch(YARD);
    step(standing(0.4, 0.7));
    step(standing(0.4, 0.7));
    expect(zonesOf(step(standing(0.4, 0.7, { isSeen: false })))).toEqual([[]]);
    expect(zonesOf(step(standing(0.4, 0.7)))).toEqual([['yard']]);
    expect(zonesOf(step(standing(0.4, 0.7, { isSeen: false })))).toEqual([['yard']]);
  });

  it('are not entered by a track that leaps: the row begins anew', () => {
    const step = watch(YARD);
    for (let i = 0; i < 5; i++) step(standing(0.95, 0.3));
    expect([1, 2, 3].map(() => zonesOf(step(standing(0.3, 0.8)))[0])).toEqual([[], [], ['yard']]);
    const leaping = watch({ ...YARD, frames: 2 });
    const answers = [0.22, 0.58, 0.22, 0.58].map((x) => zonesOf(leaping(standing(x, 0.8)))[0]);
    expect(answers).toEqual([[], [], [], []]);
  });

  it('say why a confirmed person outside does not count, and nothing of others', () => {
    const step = watch(YARD);
    const outside = standing(0.9, 0.9);
    expect(step(outside).rejected).toEqual([{ score: 0.8, box: outside.box, rule: 'zone' }]);
    expect(step({ ...outside, isConfirmed: false }).rejected).toEqual([]);
    expect(step({ ...outside, isSeen: false }).rejected).toEqual([]);
  });
});

describe('an event in zones', () => {
  it('starts with somebody inside, names the zones in the order of the visit, and ends when nobody is inside', () => {
    const step = watch(YARD, DOOR);
    const scene = machine();
    const walk = [
      standing(0.9, 0.9),
      ...Array.from({ length: 4 }, (_, i) => standing(0.48 - i * 0.03, 0.65)),
      ...Array.from({ length: 8 }, () => standing(0.1, 0.3)),
    ];
    const events = walk.flatMap((track) => scene.step(step(track)));
    expect(events.map(({ type, scene: { zones, count } }) => [type, zones, count])).toEqual([
      ['start', ['door'], 1],
      ['update', ['door', 'yard'], 1],
      ['update', ['door', 'yard'], 0],
      ['end', ['door', 'yard'], 0],
    ]);
  });

  it('starts where the feet came in, however long the person was there before', () => {
    const step = watch(YARD);
    const scene = machine();
    const walk = [
      ...Array.from({ length: 50 }, () => standing(0.9, 0.9)),
      ...Array.from({ length: 3 }, () => standing(0.5, 0.8)),
    ];
    expect(walk.flatMap((track) => scene.step(step(track)))).toMatchObject([
      { type: 'start', startPtsMs: 50 * 200, ptsMs: 52 * 200, latencyMs: { detectToConfirm: 400 } },
    ]);
  });

  it('never starts while all feet are outside', () => {
    const place = fc.record({ x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 0.49, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 40 }), (places) => {
        const step = watch(YARD);
        const scene = machine();
        expect(places.flatMap(({ x, y }) => scene.step(step(standing(x, y))))).toEqual([]);
      }),
    );
  });
});
