import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, type PastVisit } from '../../src/score/compare.ts';
import { whatIfLines } from '../../src/score/what-if-report.ts';

const AT_MS = Date.UTC(2026, 10, 20, 12);
const span = (fromS: number, toS: number) => ({ startMs: AT_MS + fromS * 1000, endMs: AT_MS + toS * 1000 });
const PAST: PastVisit[] = [
  { id: 'a', ...span(10, 20) },
  { id: 'b', ...span(40, 60) },
];

const fates = (...replayed: ReturnType<typeof span>[]) => compare(PAST, replayed).outcomes.map(({ fate }) => fate);

describe('a past event would be', () => {
  it.each([
    { what: 'nothing', replayed: [], expected: ['lost', 'lost'] },
    { what: 'the same', replayed: [span(10, 20), span(40.2, 59.8)], expected: ['same', 'same'] },
    { what: 'a late start', replayed: [span(12, 20), span(40, 60)], expected: ['shortened', 'same'] },
    { what: 'an early end', replayed: [span(10, 19), span(40, 60)], expected: ['shortened', 'same'] },
    { what: 'two parts', replayed: [span(10, 12), span(18, 20), span(40, 60)], expected: ['split', 'same'] },
    { what: 'more', replayed: [span(8, 20), span(40, 65)], expected: ['longer', 'longer'] },
    { what: 'one over both', replayed: [span(10, 60)], expected: ['longer', 'longer'] },
    { what: 'something elsewhere', replayed: [span(30, 35)], expected: ['lost', 'lost'] },
  ])('$expected of $what', ({ replayed, expected }) => {
    expect(fates(...replayed)).toEqual(expected);
  });

  it('told by how much, and with whom it would be joined', () => {
    const { outcomes, gained } = compare(PAST, [span(12, 50), span(80, 81)]);
    expect(outcomes).toMatchObject([
      { id: 'a', fate: 'shortened', startsLaterMs: 2000, endsEarlierMs: -30_000, isJoined: true },
      { id: 'b', fate: 'shortened', startsLaterMs: -28_000, endsEarlierMs: 10_000, isJoined: true },
    ]);
    expect(gained).toEqual([span(80, 81)]);
  });

  it('the same by the same', () => {
    const spans = fc
      .array(fc.integer({ min: 1000, max: 60_000 }), { maxLength: 10 })
      .map((lengths) => lengths.map((lengthMs, i) => ({ startMs: i * 100_000, endMs: i * 100_000 + lengthMs })));
    fc.assert(
      fc.property(spans, (replayed) => {
        const past = replayed.map((visit, i) => ({ id: String(i), ...visit }));
        const { outcomes, gained } = compare(past, replayed);
        expect([outcomes.every(({ fate }) => fate === 'same'), gained]).toEqual([true, []]);
      }),
    );
  });
});

describe('the lines for a terminal', () => {
  it('name what changes and count the rest', () => {
    const replayed = [span(12, 20), span(80, 83)];
    const lines = whatIfLines([{ camera: 'door', visits: PAST, unknown: 2, hasCandidates: true, ...compare(PAST, replayed) }]);
    expect(lines.join('\n')).toBe(
      [
        'event started             camera  event     was   would be',
        '2026-11-20T12:00:10.000Z    door      a  10.0 s  shortened  starts 2.0 s later',
        '2026-11-20T12:00:40.000Z    door      b  20.0 s       lost',
        '2026-11-20T12:01:20.000Z    door                    gained  3.0 s',
        '',
        '2 past events: 0 the same, 1 lost, 0 split, 1 shortened, 0 longer, 1 gained',
        '2 events have no detections that could be replayed',
      ].join('\n'),
    );
  });

  it('say what cannot be known', () => {
    const lines = whatIfLines([{ camera: 'door', visits: PAST, unknown: 0, hasCandidates: false, ...compare(PAST, PAST) }]);
    expect(lines).toEqual([
      '2 past events: 2 the same, 0 lost, 0 split, 0 shortened, 0 longer, 0 gained',
      'nothing is known of the time between the events of door: what would be gained there cannot be said',
    ]);
  });
});
