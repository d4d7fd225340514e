import { describe, expect, it } from 'vitest';
import { rowsOf, whyText } from '../../src/commands/why-text.ts';
import type { WhyAnswer, WhyCandidate, WhyEntry, WhyRule } from '../../src/messages/why.ts';

const BEGIN_MS = new Date(2026, 10, 20, 14, 2, 0).getTime();
const at = (ms: number): string => new Date(BEGIN_MS + ms).toISOString();
const box = { x: 0, y: 0, w: 0.1, h: 0.1 };
const person = (score: number, rule: WhyRule, track?: number): WhyCandidate => ({
  label: 'person',
  score,
  rule,
  box,
  ...(track === undefined ? {} : { track }),
});
const picture = (ms: number, ...candidates: WhyCandidate[]): WhyEntry => ({ type: 'picture', at: at(ms), candidates, more: 0 });
const run = (fromMs: number, toMs: number, [empty, skipped = 0]: readonly number[]): WhyEntry => ({
  type: 'run',
  from: at(fromMs),
  to: at(toMs),
  empty: empty ?? 0,
  known: 0,
  repeats: 0,
  skipped,
});
const ENTRIES: readonly WhyEntry[] = [
  run(0, 7800, [40, 3]),
  picture(8000, person(0.27, 'minScore')),
  picture(8200, person(0.45, 'unconfirmed', 5), person(0.2, 'minScore')),
  picture(8400, person(0.5, 'unconfirmed', 5)),
  picture(8600, person(0.61, 'hit', 5)),
  { type: 'event', at: at(8600), what: 'opened', id: 'x' },
  picture(8800, person(0.72, 'hit', 5)),
  { type: 'away', from: at(9000), to: at(20_000), reason: 'connection refused' },
];
const answer = (entries = ENTRIES): WhyAnswer => ({
  camera: 'yard',
  at: at(10_000),
  from: at(0),
  to: at(20_000),
  knownSince: at(-60_000),
  rules: { minScore: 0.3, startScore: 0.4, hits: 3, window: 5, labels: ['person'] },
  summary: 'An event started.',
  cure: 'lower it',
  entries,
});

describe('the table of an answer', () => {
  it('has a row per stretch in which the same candidate met the same rule', () => {
    expect(whyText(answer(), { hasColour: false })).toBe(
      [
        'yard, 2026-11-20 14:02:00 to 14:02:20   person: minScore 0.3, startScore 0.4, 3 hits of 5',
        '',
        '  14:02:00.0 – 14:02:07.8  no candidate, 3 not looked at                                            43 pictures',
        '  14:02:08.0 – 14:02:08.2  person                          0.27  █████···············  minScore     2 pictures',
        '  14:02:08.2 – 14:02:08.4  person #5                       0.50  ██████████··········  unconfirmed  2 pictures',
        '  14:02:08.6 – 14:02:08.8  person #5                       0.72  ██████████████······  hit          2 pictures',
        '  14:02:08.6               event opened                                                event',
        '  14:02:09.0 – 14:02:20.0  no picture: connection refused',
        '',
        'An event started.',
        '  → lower it',
        '',
      ].join('\n'),
    );
  });

  it('goes on with a weak candidate while only known ones are there', () => {
    const known: WhyEntry = { type: 'run', from: at(200), to: at(800), empty: 0, known: 4, repeats: 0, skipped: 0 };
    const rows = rowsOf([picture(0, person(0.2, 'minScore')), known, picture(1000, person(0.25, 'minScore'))]);
    expect(rows).toMatchObject([{ what: 'person', pictures: 6, score: 0.25, fromMs: BEGIN_MS, toMs: BEGIN_MS + 1000 }]);
  });

  it('begins a new row after a stretch without the candidate', () => {
    const rows = rowsOf([picture(0, person(0.5, 'hit', 1)), run(200, 400, [2]), picture(600, person(0.5, 'hit', 1))]);
    expect(rows.map(({ what }) => what)).toEqual(['person #1', 'no candidate', 'person #1']);
  });

  it('shows the rows nearest to the moment where there are too many, and says how many are left out', () => {
    const many = Array.from({ length: 100 }, (_, i) => picture(i * 200, person(0.5, 'unconfirmed', i)));
    const text = whyText(answer(many), { hasColour: false });
    expect(text).toContain('… and 40 more rows');
    expect(text).toContain('person #50 ');
    expect(text).not.toContain('person #1 ');
  });

  it('says so where nothing was decided', () => {
    expect(whyText(answer([]), { hasColour: false })).toContain('nothing was decided in this time');
  });

  it('has colours for a terminal only', () => {
    expect(whyText(answer(), { hasColour: true })).toContain('\u001B[32m');
    expect(whyText(answer(), { hasColour: false })).not.toContain('\u001B');
  });
});
