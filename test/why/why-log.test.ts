import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhyEntry } from '../../src/messages/why.ts';
import { AT_MS, SLOT_MS, WhyHouse, seen } from './why-house.ts';

const iso = (slot: number): string => new Date(AT_MS + slot * SLOT_MS).toISOString();
const rulesOf = (entries: readonly WhyEntry[]): string[] =>
  entries.flatMap((entry) => (entry.type === 'picture' ? entry.candidates.map(({ rule }) => rule) : [entry.type]));
const runsOf = (entries: readonly WhyEntry[]) => entries.filter((entry) => entry.type === 'run');
const picturesOf = (entries: readonly WhyEntry[]): number =>
  entries.reduce(
    (sum, entry) =>
      sum + (entry.type === 'picture' ? 1 : entry.type === 'run' ? entry.empty + entry.known + entry.repeats + entry.skipped : 0),
    0,
  );
/** Without the start of Lookout, which every log begins with. */
const entriesOf = (house: WhyHouse, options?: Parameters<WhyHouse['ask']>[0]): readonly WhyEntry[] =>
  house.ask({ fromMs: AT_MS + 1, ...options }).entries;

describe('the why-log', () => {
  it('holds every candidate with score, box, label, track and the rule that decided', () => {
    const dog = seen(0.7, { label: 'dog', x: 0.8 });
    const house = new WhyHouse().watch(undefined, [seen(0.27), dog], 0.45);
    expect(entriesOf(house)).toEqual([
      {
        type: 'picture',
        at: iso(1),
        candidates: [
          { label: 'person', score: 0.27, rule: 'minScore', box: { x: 0.4, y: 0.2, w: 0.102, h: 0.4 } },
          { label: 'dog', score: 0.7, rule: 'label', box: { x: 0.8, y: 0.2, w: 0.102, h: 0.4 } },
        ],
        more: 0,
      },
      {
        type: 'picture',
        at: iso(2),
        candidates: [{ label: 'person', score: 0.45, rule: 'unconfirmed', track: 1, box: { x: 0.4, y: 0.2, w: 0.102, h: 0.4 } }],
        more: 0,
      },
    ]);
  });

  it('tells a person from the first hit through the event to its end', () => {
    const house = new WhyHouse().watch(0.45, 0.5, 0.6, 0.7);
    for (let i = 0; i < 30; i += 1) house.watch(undefined);
    const entries = entriesOf(house);
    expect(rulesOf(entries)).toEqual(['unconfirmed', 'hit', 'event', 'hit', 'run', 'event', 'run']);
    expect(entries[2]).toEqual({ type: 'event', at: iso(2), what: 'opened', id: 'event1' });
    expect(entries[5]).toEqual({ type: 'event', at: iso(28), what: 'closed', id: 'event1', reason: 'left' });
  });

  it('takes a low candidate that scores like a hit apart from it', () => {
    const house = new WhyHouse().watch(0.5, 0.5, 0.5, [seen(0.5), seen(0.5, { x: 0.8 })]);
    const [last] = entriesOf(house, { fromMs: AT_MS + 3 * SLOT_MS });
    expect(last?.type === 'picture' && last.candidates.map(({ rule, track }) => [rule, track])).toEqual([
      ['unconfirmed', 2],
      ['hit', 1],
    ]);
  });

  it('writes a stretch without candidates as one record, however long', () => {
    const house = new WhyHouse().watch(...Array.from({ length: 20 }, () => undefined));
    const bytes = house.log.usedBytes;
    house.watch(...Array.from({ length: 10_000 }, () => undefined));
    expect(house.log.usedBytes).toBe(bytes);
    expect(runsOf(entriesOf(house))).toEqual([
      { type: 'run', from: iso(0), to: iso(10_019), empty: 10_020, known: 0, repeats: 0, skipped: 0 },
    ]);
  });

  it('notes a weak candidate that stays every two seconds, and counts it between', () => {
    const house = new WhyHouse().watch(undefined, ...Array.from({ length: 25 }, () => 0.2));
    expect(entriesOf(house).map((entry) => (entry.type === 'run' ? entry.known : rulesOf([entry])))).toEqual([
      ['minScore'],
      9,
      ['minScore'],
      9,
      ['minScore'],
      4,
    ]);
  });

  it('notes a weak candidate at once that moves or rises, and one that is followed every time', () => {
    const house = new WhyHouse().watch(undefined, 0.2, 0.21, 0.25, [seen(0.25, { x: 0.6 })], [seen(0.2), seen(0.6, { x: 0.6 })]);
    const noted = entriesOf(house).map((entry) => entry.type === 'picture' && [entry.candidates.length, entry.more]);
    expect(noted).toEqual([[1, 0], false, [1, 0], [1, 0], [1, 1]]);
  });

  it('collapses what a slow source repeats, and keeps apart a time when the picture stood still', () => {
    const house = new WhyHouse();
    for (let i = 0; i < 5; i += 1) house.watch(undefined).repeat(4);
    house.repeat(100);
    expect(runsOf(entriesOf(house)).map((run) => run.type === 'run' && [run.empty, run.repeats])).toEqual([
      [5, 46],
      [0, 74],
    ]);
  });

  it('counts pictures that nobody looked at, between those that somebody did', () => {
    const house = new WhyHouse().watch(0.2).drop(4).watch(0.25);
    expect(entriesOf(house).filter(({ type }) => type === 'run')).toEqual([
      { type: 'run', from: iso(0), to: iso(5), empty: 0, known: 0, repeats: 0, skipped: 4 },
    ]);
  });

  it('says while it lasts and afterwards that the camera is away, also where an event ends meanwhile', () => {
    const house = new WhyHouse().watch(0.6, 0.6, 0.6);
    const lostAtMs = house.nowAtMs;
    house.log.onSource({ type: 'lost', reason: 'connection refused', sinceMs: lostAtMs }, { atMs: lostAtMs, nowMs: 9000 });
    house.log.onSource({ type: 'lost', reason: 'connection refused', sinceMs: lostAtMs }, { atMs: lostAtMs + 500, nowMs: 9500 });
    const end = { type: 'end', id: 'event1', reason: 'source' } as Parameters<typeof house.log.onScene>[0];
    house.log.onScene(end);
    const away = { type: 'away', from: iso(3), reason: 'connection refused' };
    const whileAway = entriesOf(house, { toMs: lostAtMs + 5000, nowAtMs: lostAtMs + 5000 });
    expect(whileAway).toContainEqual({ ...away, to: new Date(lostAtMs + 5000).toISOString() });
    house.log.onSource({ type: 'opened' } as never, { atMs: lostAtMs + 8000, nowMs: 17_000 });
    const after = entriesOf(house, { toMs: lostAtMs + 9000, nowAtMs: lostAtMs + 9000 });
    expect(after.filter(({ type }) => type !== 'picture')).toEqual([
      { type: 'event', at: iso(2), what: 'opened', id: 'event1' },
      { ...away, to: new Date(lostAtMs + 8000).toISOString() },
      { type: 'event', at: iso(3), what: 'closed', id: 'event1', reason: 'source' },
    ]);
  });

  it('says that no picture came where the camera is there and the model silent', () => {
    const house = new WhyHouse().watch(undefined);
    const nowAtMs = AT_MS + 10_000;
    expect(entriesOf(house, { toMs: nowAtMs, nowAtMs }).at(-1)).toEqual({
      type: 'run',
      from: iso(0),
      to: new Date(nowAtMs).toISOString(),
      empty: 0,
      known: 0,
      repeats: 0,
      skipped: 0,
    });
    expect(entriesOf(house, { toMs: AT_MS + 1000, nowAtMs: AT_MS + 1000 })).toEqual([]);
  });

  it('says since when it knows, and forgets what is older than it may keep', () => {
    const house = new WhyHouse({ keepMs: 60_000 }).watch(0.2);
    expect(house.ask().knownSince).toBe(new Date(AT_MS - 1000).toISOString());
    for (let i = 0; i < 600; i += 1) house.watch(undefined);
    expect(house.ask().knownSince).toBe(new Date(house.nowAtMs - 60_000).toISOString());
    expect(rulesOf(house.ask().entries)).toEqual(['run']);
  });

  it('survives a model that says nonsense', () => {
    const wild = [
      { label: 'x'.repeat(500), score: 7, box: { x: -3, y: Number.NaN, w: 9, h: Number.POSITIVE_INFINITY } },
      { label: '人', score: Number.NaN, box: { x: 0, y: 0, w: 0, h: 0 } },
      ...Array.from({ length: 400 }, (_, i) => ({ label: `class ${i}`, score: 0.15, box: { x: 0, y: 0, w: 1, h: 1 } })),
    ];
    const house = new WhyHouse().watch(undefined, wild);
    const [entry] = entriesOf(house);
    expect(entry?.type === 'picture' && entry.candidates.length).toBe(255);
  });

  it('keeps within its bytes whatever happens, and accounts for every picture since it knows', () => {
    const score = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    const picture = fc.oneof(
      { weight: 3, arbitrary: fc.constant<number[]>([]) },
      fc.array(score, { minLength: 1, maxLength: 60 }),
    );
    const act = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ does: fc.constant('watch' as const), picture, times: fc.integer({ min: 1, max: 20 }) }),
      },
      fc.record({ does: fc.constantFrom('repeat' as const, 'drop' as const), picture, times: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const house = new WhyHouse({ maxBytes: 65_536 });
        for (const { does, picture: scores, times } of acts) {
          if (does === 'watch') for (let i = 0; i < times; i += 1) house.watch(scores.map((one, x) => seen(one, { x: x / 100 })));
          else house[does](times);
          expect(house.log.bytes).toBeLessThanOrEqual(65_536);
        }
        house.watch(undefined);
        const { entries, knownSince } = house.ask({ fromMs: 0 });
        const times = entries.map((entry) => ('at' in entry ? entry.at : entry.from));
        expect(times).toEqual(times.toSorted());
        const isWhole = knownSince === new Date(AT_MS - 1000).toISOString();
        if (isWhole) expect(picturesOf(entries)).toBe(house.slot);
        else expect(picturesOf(entries)).toBeLessThan(house.slot);
      }),
      { numRuns: 30 },
    );
  });
});
