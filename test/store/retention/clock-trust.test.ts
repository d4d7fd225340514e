import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockMemory, readClock } from '../../../src/store/retention/clock-trust.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const T = Date.UTC(2026, 10, 20);

/** Reads the clock every minute for so long; `offMs` is where the wall clock is beside the truth. */
function run(
  from: ClockMemory | undefined,
  { startMs, forMs, offMs }: { startMs: number; forMs: number; offMs: number },
): ClockMemory {
  let memory = from;
  for (let ms = 0; ms <= forMs; ms += MINUTE_MS) {
    memory = readClock(memory, { atMs: startMs + ms + offMs, elapsedMs: ms === 0 ? 0 : MINUTE_MS, isStart: ms === 0 });
  }
  return memory!;
}

describe('a wall clock', () => {
  it('that was never seen before is believed, and stays so while it goes on', () => {
    expect(run(undefined, { startMs: T, forMs: HOUR_MS, offMs: 0 })).toEqual({ trustedAtMs: T + HOUR_MS });
  });

  it.each([
    ['forward', 30 * 24 * HOUR_MS],
    ['back', -30 * 24 * HOUR_MS],
  ])('that leaps %s is in doubt until it was steady for 24 hours', (_way, offMs) => {
    const before = run(undefined, { startMs: T, forMs: HOUR_MS, offMs: 0 });
    let memory = readClock(before, { atMs: T + HOUR_MS + MINUTE_MS + offMs, elapsedMs: MINUTE_MS });
    expect(memory.doubt).toBeDefined();
    for (let minute = 2; minute < 24 * 60; minute += 1) {
      memory = readClock(memory, { atMs: T + HOUR_MS + minute * MINUTE_MS + offMs, elapsedMs: MINUTE_MS });
      expect(memory.doubt).toBeDefined();
    }
    for (let minute = 24 * 60; minute < 24 * 60 + 2; minute += 1) {
      memory = readClock(memory, { atMs: T + HOUR_MS + minute * MINUTE_MS + offMs, elapsedMs: MINUTE_MS });
    }
    expect(memory.doubt).toBeUndefined();
  });

  it('that comes back to where it should be is believed at once', () => {
    const before = readClock({ trustedAtMs: T }, { atMs: 0, elapsedMs: 0, isStart: true });
    expect(before.doubt).toBeDefined();
    expect(readClock(before, { atMs: T + 2 * MINUTE_MS, elapsedMs: MINUTE_MS })).toEqual({ trustedAtMs: T + 2 * MINUTE_MS });
  });

  it('of a machine that was off for hours is believed, after days it has to be steady first', () => {
    const before = { trustedAtMs: T };
    expect(readClock(before, { atMs: T + 20 * HOUR_MS, elapsedMs: 0, isStart: true }).doubt).toBeUndefined();
    const late = readClock(before, { atMs: T + 80 * HOUR_MS, elapsedMs: 0, isStart: true });
    expect(late.doubt).toBeDefined();
    expect(run(late, { startMs: T + 81 * HOUR_MS, forMs: 25 * HOUR_MS, offMs: 0 }).doubt).toBeUndefined();
  });

  it('keeps the hours of steadiness over a restart', () => {
    const leapt = readClock({ trustedAtMs: T }, { atMs: T + 80 * HOUR_MS, elapsedMs: 0, isStart: true });
    const half = run(leapt, { startMs: T + 80 * HOUR_MS, forMs: 13 * HOUR_MS, offMs: 0 });
    expect(half.doubt?.steadyMs).toBe(13 * HOUR_MS);
    expect(run(half, { startMs: T + 100 * HOUR_MS, forMs: 12 * HOUR_MS, offMs: 0 }).doubt).toBeUndefined();
  });

  it('is in doubt after any leap of more than a few minutes while it ran', () => {
    const leap = fc.integer({ min: 5 * MINUTE_MS + 1, max: 4000 * 24 * HOUR_MS });
    fc.assert(
      fc.property(leap, fc.boolean(), fc.nat(HOUR_MS), (leapMs, isBack, elapsedMs) => {
        const atMs = T + elapsedMs + (isBack ? -leapMs : leapMs);
        expect(readClock({ trustedAtMs: T }, { atMs, elapsedMs }).doubt).toBeDefined();
      }),
    );
  });
});
