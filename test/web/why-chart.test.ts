import { describe, expect, it } from 'vitest';
import type { WhyAnswer, WhyCandidate, WhyEntry, WhyRule } from '../../src/messages/why.ts';
import { chartOf, pictureAt, yOf } from '../../web/src/core/why-chart.ts';
import { inputTime, parseInputTime } from '../../web/src/core/why-time.ts';

const BEGIN_MS = Date.UTC(2026, 10, 20, 14, 2);
const at = (ms: number): string => new Date(BEGIN_MS + ms).toISOString();
const box = { x: 0, y: 0, w: 0.1, h: 0.1 };
const candidate = (score: number, rule: WhyRule, track?: number): WhyCandidate => ({
  label: 'person',
  score,
  rule,
  box,
  ...(track === undefined ? {} : { track }),
});
const picture = (ms: number, ...candidates: WhyCandidate[]): WhyEntry => ({ type: 'picture', at: at(ms), candidates, more: 0 });
const run = (
  fromMs: number,
  toMs: number,
  counts: Partial<Record<'empty' | 'known' | 'repeats' | 'skipped', number>>,
): WhyEntry => ({
  type: 'run',
  from: at(fromMs),
  to: at(toMs),
  empty: 0,
  known: 0,
  repeats: 0,
  skipped: 0,
  ...counts,
});
/** Ten seconds. */
const chart = (entries: readonly WhyEntry[], more: Partial<WhyAnswer> = {}) =>
  chartOf({
    camera: 'yard',
    at: at(5000),
    from: at(0),
    to: at(10_000),
    knownSince: at(-1000),
    rules: { minScore: 0.3, startScore: 0.4, hits: 3, window: 5, labels: ['person'] },
    summary: '',
    entries,
    ...more,
  });

const shares = (entries: readonly WhyEntry[], event?: string) =>
  chart(entries, event === undefined ? {} : { event }).bands.map(({ kind, fromShare, toShare }) => [kind, fromShare, toShare]);

describe('the chart of an answer', () => {
  it('has a dot per candidate, by rule, nearest to an event first', () => {
    const { dots } = chart([
      picture(1000, candidate(0.2, 'minScore'), candidate(0.5, 'settle')),
      picture(2000, candidate(0.8, 'hit', 1)),
    ]);
    expect(dots).toEqual([
      { rule: 'hit', count: 1, path: `M200 ${yOf(0.8)}h0` },
      { rule: 'settle', count: 1, path: `M100 ${yOf(0.5)}h0` },
      { rule: 'minScore', count: 1, path: `M100 ${yOf(0.2)}h0` },
    ]);
  });

  it('joins what is one person, but not over a gap', () => {
    const steps = [0, 200, 400, 3000].map((ms) => picture(ms, candidate(0.5, 'hit', 7)));
    expect(chart(steps).lines).toEqual([{ track: 7, path: 'M0 150L20 150L40 150M300 150' }]);
  });

  it('has bands for events, also those that began before or are still open', () => {
    const opened: WhyEntry = { type: 'event', at: at(2000), what: 'opened', id: 'b' };
    const closed: WhyEntry = { type: 'event', at: at(1000), what: 'closed', id: 'a', reason: 'left' };
    expect(shares([closed, opened])).toEqual([
      ['event', 0, 0.1],
      ['event', 0.2, 1],
    ]);
    expect(shares([], 'a')).toEqual([['event', 0, 1]]);
    expect(shares([])).toEqual([]);
  });

  it('has bands for every way not to look, and for what is not known', () => {
    const away: WhyEntry = { type: 'away', from: at(-5000), to: at(1000), reason: 'refused' };
    const entries = [
      away,
      run(1000, 2000, { empty: 5 }),
      run(2000, 3000, { empty: 1, skipped: 4 }),
      run(3000, 4000, { repeats: 5 }),
      run(4000, 9000, { empty: 2, repeats: 23 }),
      run(9000, 12_000, {}),
    ];
    const { bands } = chart(entries, { knownSince: at(500) });
    expect(bands.map(({ kind, fromShare, toShare }) => [kind, fromShare, toShare])).toEqual([
      ['unknown', 0, 0.05],
      ['away', 0, 0.1],
      ['skipped', 0.2, 0.3],
      ['repeats', 0.3, 0.4],
      ['silent', 0.9, 1],
    ]);
  });

  it('finds the picture that is pointed at, where one is near', () => {
    const { pictures } = chart([
      picture(1000, candidate(0.2, 'minScore'), candidate(0.6, 'hit', 1)),
      picture(5000, candidate(0.3, 'hit', 1)),
    ]);
    expect(pictureAt(pictures, 0.12)?.candidates.map(({ score }) => score)).toEqual([0.6, 0.2]);
    expect(pictureAt(pictures, 0.3)).toBeUndefined();
    expect(pictureAt([], 0.3)).toBeUndefined();
  });
});

describe('the moment in the form', () => {
  it('goes there and back in local time', () => {
    const atMs = new Date(2026, 10, 2, 4, 5, 6).getTime();
    expect(inputTime(atMs)).toBe('2026-11-02T04:05:06');
    expect(parseInputTime(inputTime(atMs))).toBe(atMs);
    expect(parseInputTime('')).toBeUndefined();
    expect(parseInputTime('nonsense')).toBeUndefined();
  });
});
