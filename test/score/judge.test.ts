import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type SeenEvent } from '../../src/score/judge.ts';
import type { FilmTruth } from '../../src/score/truth.ts';

const TRUTH: FilmTruth = {
  file: 'walk.mp4',
  person: [
    [5000, 21_000],
    [30_000, 41_000],
  ],
  clear: [
    [6000, 20_000],
    [31_000, 40_000],
  ],
  ambiguous: [[50_000, 60_000]],
};
const FILM_MS = 100_000;

/** An event that sees somebody every 200 ms in each of the spans, confirmed by the third sighting. */
function seen(...spans: readonly (readonly [number, number])[]): SeenEvent {
  const sightingsMs = spans.flatMap(([from, to]) =>
    Array.from({ length: Math.floor((to - from) / 200) + 1 }, (_, i) => from + i * 200),
  );
  const startMs = sightingsMs[0]!;
  return { startMs, confirmedMs: startMs + 400, endMs: sightingsMs.at(-1)!, sightingsMs, people: 1 };
}

const kinds = (...events: SeenEvent[]) => judge(events, TRUTH, FILM_MS).kinds;
const visits = (...events: SeenEvent[]) => judge(events, TRUTH, FILM_MS).visits;

describe('an event', () => {
  it.each([
    { what: 'in a visit', spans: [[7000, 9000]], kind: 'right' },
    { what: 'that only touches a visit', spans: [[19_900, 23_000]], kind: 'right' },
    { what: 'while a person is there but not clear', spans: [[5000, 5400]], kind: 'ignored' },
    { what: 'in an ambiguous interval', spans: [[52_000, 54_000]], kind: 'ignored' },
    { what: 'within the tolerance of the labels', spans: [[60_200, 61_000]], kind: 'ignored' },
    { what: 'of nobody', spans: [[70_000, 75_000]], kind: 'false' },
    {
      what: 'that is open over a visit but saw only something before and after',
      spans: [
        [2000, 3000],
        [23_000, 24_000],
      ],
      kind: 'false',
    },
  ] as const)('$what is $kind', ({ spans, kind }) => {
    expect(kinds(seen(...spans))).toEqual([kind]);
  });
});

describe('a visit', () => {
  it('is found by one sighting in it, and its onset is the first sighting after the person came', () => {
    expect(visits(seen([6600, 6800]))).toEqual([
      { startMs: 6000, endMs: 20_000, events: [0], onsetMs: 600, alertMs: 1000 },
      { startMs: 31_000, endMs: 40_000, events: [] },
    ]);
  });

  it('has a negative onset when the person was seen before they were clear', () => {
    expect(visits(seen([5200, 8000]))[0]).toMatchObject({ onsetMs: -800, alertMs: -400 });
  });

  it('is missed by an event that was open all the time but saw nobody in it', () => {
    expect(visits(seen([26_000, 28_000], [45_000, 46_000])).map(({ events }) => events)).toEqual([[], []]);
  });

  it('is split when two events saw it', () => {
    expect(visits(seen([6000, 7000]), seen([15_000, 16_000]))[0]).toMatchObject({ events: [0, 1], onsetMs: 0, alertMs: 400 });
  });

  it('in an event that another visit started has an onset but no alert of its own', () => {
    const { visits: found, shared } = judge([seen([6000, 20_000], [31_400, 35_000])], TRUTH, FILM_MS);
    expect(shared).toBe(1);
    expect(found[1]).toEqual({ startMs: 31_000, endMs: 40_000, events: [0], onsetMs: 400 });
  });

  it('does not take its onset from the end of the visit before', () => {
    const close: FilmTruth = {
      file: 'a',
      person: [[0, 20_000]],
      clear: [
        [1000, 9000],
        [10_000, 20_000],
      ],
      ambiguous: [],
    };
    const { visits: found } = judge([seen([1000, 9000], [12_000, 13_000])], close, FILM_MS);
    expect(found[1]).toMatchObject({ onsetMs: 2000 });
  });
});

describe('the film that can be judged', () => {
  it('is all of it but what is ambiguous, counted once', () => {
    const truth = {
      ...TRUTH,
      ambiguous: [
        [0, 10_000],
        [5000, 20_000],
        [90_000, 200_000],
      ] as const,
    };
    expect(judge([], truth, FILM_MS).judgedMs).toBe(70_000);
  });
});

describe('whatever was seen', () => {
  const span = fc
    .tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 8000 }))
    .map(([from, ms]) => [from, from + ms] as const);

  it('an event that found a visit is right, one that is right found a visit', () => {
    fc.assert(
      fc.property(fc.array(fc.array(span, { minLength: 1, maxLength: 3 }), { maxLength: 5 }), (plans) => {
        const events = plans.map((spans) => seen(...spans.toSorted(([a], [b]) => a - b)));
        const judged = judge(events, TRUTH, FILM_MS);
        const found = new Set(judged.visits.flatMap((visit) => visit.events));
        expect(judged.kinds.map((kind) => kind === 'right')).toEqual(events.map((_, i) => found.has(i)));
      }),
    );
  });
});
