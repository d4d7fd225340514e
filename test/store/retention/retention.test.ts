import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Limits, oldestFirst, planRetention, type Stock } from '../../../src/store/retention/retention.ts';
import type { Holding } from '../../../src/store/index/shelf.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20);
const NO_LIMITS: Limits = { keepDays: 0, maxBytes: 0, minFreePercent: 0, whenFull: 'delete-oldest', cameras: new Map() };
const ROOMY = { freeBytes: 1e12, totalBytes: 2e12 };

const idOf = (n: number): string => String(n).padStart(26, '0');

function holding(n: number, more: Partial<Omit<Holding, 'place'>> & { camera?: string } = {}): Holding {
  const { camera = 'front', ...rest } = more;
  const place = { id: idOf(n), camera, day: '2026/11/20' };
  return { place, startMs: NOW_MS - DAY_MS, bytes: 10, isProtected: false, seq: n, ...rest };
}

function stock(holdings: Holding[], more: Partial<Stock> = {}): Stock {
  return { holdings, open: new Map(), disk: ROOMY, nowAtMs: NOW_MS, ...more };
}

const gone = (plan: ReturnType<typeof planRetention>): [string, string][] =>
  plan.deletions.map(({ holding: { place }, why }) => [place.id, why]);

describe('by age', () => {
  it('what is older than the days of its camera goes, and 0 days keep it for ever', () => {
    const holdings = [1, 5, 9].flatMap((days) => [
      holding(days, { startMs: NOW_MS - days * DAY_MS - 1, seq: undefined }),
      holding(days + 10, { camera: 'back', startMs: NOW_MS - days * DAY_MS - 1, seq: undefined }),
      holding(days + 20, { camera: 'side', startMs: NOW_MS - days * DAY_MS - 1, seq: undefined }),
    ]);
    const cameras = new Map([
      ['back', { keepDays: 1 }],
      ['side', { keepDays: 0 }],
    ]);
    const plan = planRetention(stock(holdings), { ...NO_LIMITS, keepDays: 5, cameras });
    expect(gone(plan)).toEqual([5, 9, 11, 15, 19].map((n) => [idOf(n), 'age']));
    expect(plan.state).toBe('ok');
  });

  it('what a clock dated that was not set yet is as old as the event before it, not as 1970', () => {
    const holdings = [holding(1, { startMs: NOW_MS - DAY_MS }), holding(2, { startMs: 60_000 }), holding(3)];
    expect(gone(planRetention(stock(holdings), { ...NO_LIMITS, keepDays: 7 }))).toEqual([]);
    const future = [holding(1, { startMs: NOW_MS + 999 * DAY_MS }), holding(2, { startMs: NOW_MS - 8 * DAY_MS })];
    expect(gone(planRetention(stock(future), { ...NO_LIMITS, keepDays: 7 }))).toEqual([[idOf(2), 'age']]);
  });

  it('nothing goes while the clock is in doubt', () => {
    const old = holding(1, { startMs: 0 });
    expect(gone(planRetention(stock([old], { nowAtMs: undefined }), { ...NO_LIMITS, keepDays: 1 }))).toEqual([]);
  });
});

describe('for space', () => {
  it('goes what was closed first, not what the clock calls oldest', () => {
    const holdings = [holding(3, { seq: 1, startMs: NOW_MS + 99 * DAY_MS }), holding(1, { seq: 2 }), holding(2, { seq: 3 })];
    expect(gone(planRetention(stock(holdings), { ...NO_LIMITS, maxBytes: 20 }))).toEqual([[idOf(3), 'space']]);
  });

  it('a recording that grows counts, and what it may grow until the next look', () => {
    const open = new Map([['front', { bytes: 15, growthBytes: 5 }]]);
    const holdings = [1, 2, 3].map((n) => holding(n));
    expect(gone(planRetention(stock(holdings, { open }), { ...NO_LIMITS, maxBytes: 40 }))).toEqual([[idOf(1), 'space']]);
  });

  it('a camera pays for its own share first', () => {
    const holdings = [holding(1), holding(2, { camera: 'back' }), holding(3, { camera: 'back' }), holding(4)];
    const cameras = new Map([['back', { maxBytes: 15 }]]);
    expect(gone(planRetention(stock(holdings), { ...NO_LIMITS, maxBytes: 25, cameras }))).toEqual([
      [idOf(2), 'camera space'],
      [idOf(1), 'space'],
    ]);
  });

  it('what others take of the disk counts, and what goes by age helps', () => {
    const disk = { freeBytes: 5, totalBytes: 100 };
    const holdings = [holding(1, { startMs: 0 }), holding(2), holding(3)];
    const limits = { ...NO_LIMITS, keepDays: 7, minFreePercent: 20 };
    expect(gone(planRetention(stock(holdings, { disk }), limits))).toEqual([
      [idOf(1), 'age'],
      [idOf(2), 'free space'],
    ]);
  });

  it('nothing goes where others fill the disk so far that it would not help', () => {
    const disk = { freeBytes: 1, totalBytes: 1000 };
    const plan = planRetention(stock([holding(1), holding(2)], { disk }), { ...NO_LIMITS, minFreePercent: 5 });
    expect([gone(plan), plan.state]).toEqual([[], 'full']);
  });

  it('is full where nothing may go, with a sentence; low before that', () => {
    const kept = [1, 2].map((n) => holding(n, { isProtected: true }));
    const full = planRetention(stock(kept), { ...NO_LIMITS, maxBytes: 20 });
    expect([full.state, gone(full), full.full.get('')]).toEqual(['full', [], expect.stringContaining('storage.maxBytes')]);
    expect(planRetention(stock(kept), { ...NO_LIMITS, maxBytes: 21 }).state).toBe('low');
    expect(planRetention(stock(kept), { ...NO_LIMITS, maxBytes: 30 }).state).toBe('ok');
    const disk = { freeBytes: 4, totalBytes: 100 };
    const none = planRetention(stock(kept, { disk }), { ...NO_LIMITS, minFreePercent: 5 });
    expect([none.state, none.full.get('')]).toEqual(['full', expect.stringContaining('storage.minFreePercent')]);
  });

  it('with "stop" nothing goes but what is too old', () => {
    const holdings = [holding(1, { startMs: 0 }), holding(2), holding(3)];
    const limits: Limits = { ...NO_LIMITS, keepDays: 7, maxBytes: 20, whenFull: 'stop' };
    const plan = planRetention(stock(holdings), limits);
    expect([gone(plan), plan.state]).toEqual([[[idOf(1), 'age']], 'full']);
  });

  it('a camera that is full says so for itself alone', () => {
    const cameras = new Map([['back', { maxBytes: 10 }]]);
    const plan = planRetention(stock([holding(1, { camera: 'back', isProtected: true }), holding(2)]), { ...NO_LIMITS, cameras });
    expect([...plan.full.keys()]).toEqual(['back']);
  });
});

describe('whatever is stored', () => {
  const anyHoldings = fc
    .array(
      fc.record({
        camera: fc.constantFrom('a', 'b'),
        bytes: fc.integer({ min: 1, max: 1000 }),
        isProtected: fc.boolean(),
        ageDays: fc.integer({ min: -400, max: 400 }),
        isChained: fc.boolean(),
      }),
      { maxLength: 30 },
    )
    .map((list) =>
      list.map(({ ageDays, isChained, ...rest }, n) =>
        holding(n, { ...rest, startMs: NOW_MS - ageDays * DAY_MS, seq: isChained ? n : undefined }),
      ),
    );
  const anyLimits: fc.Arbitrary<Limits> = fc.record({
    keepDays: fc.integer({ min: 0, max: 30 }),
    maxBytes: fc.integer({ min: 0, max: 5000 }),
    minFreePercent: fc.integer({ min: 0, max: 90 }),
    whenFull: fc.constantFrom('delete-oldest' as const, 'stop' as const),
    cameras: fc
      .record({ keepDays: fc.option(fc.nat(30), { nil: undefined }), maxBytes: fc.option(fc.nat(2000), { nil: undefined }) })
      .map((one) => new Map([['a', one]])),
  });
  const anyStock: fc.Arbitrary<Stock> = fc
    .record({
      holdings: anyHoldings,
      openBytes: fc.nat(500),
      growthBytes: fc.nat(100),
      freeBytes: fc.nat(10_000),
      nowAtMs: fc.option(fc.constant(NOW_MS), { nil: undefined }),
    })
    .map(({ openBytes, growthBytes, freeBytes, holdings, nowAtMs }) => ({
      holdings,
      nowAtMs,
      open: new Map([['b', { bytes: openBytes, growthBytes }]]),
      disk: { freeBytes, totalBytes: 20_000 },
    }));

  it('protected events stay, nothing goes twice, and every limit holds or is said to be full', () => {
    fc.assert(
      fc.property(anyStock, anyLimits, (given, limits) => {
        const plan = planRetention(given, limits);
        const doomed = new Set(plan.deletions.map((one) => one.holding));
        expect(doomed.size).toBe(plan.deletions.length);
        expect([...doomed].some(({ isProtected }) => isProtected)).toBe(false);
        const left = given.holdings.filter((one) => !doomed.has(one));
        const open = given.open.get('b')!;
        const usedBytes = left.reduce((sum, { bytes }) => sum + bytes, open.bytes + open.growthBytes);
        if (limits.maxBytes > 0 && usedBytes > limits.maxBytes) expect(plan.full.has('')).toBe(true);
        const freeBytes = given.disk!.freeBytes + [...doomed].reduce((sum, { bytes }) => sum + bytes, -open.growthBytes);
        if (freeBytes < (20_000 * limits.minFreePercent) / 100) expect(plan.full.has('')).toBe(true);
        if (plan.full.get('')?.includes('storage.maxBytes') && limits.whenFull === 'delete-oldest')
          expect(left.every((one) => one.isProtected)).toBe(true);
        if (plan.full.get('')?.includes('minFreePercent'))
          expect(plan.deletions.some(({ why }) => why === 'free space')).toBe(false);
        expect(plan.state === 'full').toBe(plan.full.size > 0);
      }),
    );
  });

  it('a clock that leapt and "stop" together delete nothing', () => {
    fc.assert(
      fc.property(anyStock, anyLimits, (given, limits) => {
        const plan = planRetention({ ...given, nowAtMs: undefined }, { ...limits, whenFull: 'stop' });
        expect(plan.deletions).toEqual([]);
      }),
    );
  });

  it('no event goes for space before one of its camera that was closed earlier', () => {
    fc.assert(
      fc.property(anyHoldings, (holdings) => {
        const order = oldestFirst(holdings);
        expect(new Set(order)).toEqual(new Set(holdings));
        for (const camera of ['a', 'b']) {
          const seqs = order.filter(({ place }) => place.camera === camera).map(({ seq = 0 }) => seq);
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
