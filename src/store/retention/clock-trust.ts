/**
 * May the wall clock be believed? Pure. It may while it advances as the monotonic clock does. A leap (or, over a restart, more than
 * a day forward or any step back) puts it in doubt for 24 hours of running in which it is steady, or until it is back where it
 * should be: a machine without a battery that is told the time by the network, for example. Being off for less than a day is no leap.
 */
const TOLERANCE_MS = 300_000;
const MAX_OFF_MS = 86_400_000;
const STEADY_MS = 86_400_000;

/** Kept over restarts. */
export interface ClockMemory {
  /** what the wall clock would show now if it had never leapt */
  readonly trustedAtMs: number;
  /** where it is instead, and for how long it was steady there */
  readonly doubt?: { readonly atMs: number; readonly steadyMs: number };
}

export interface ClockReading {
  readonly atMs: number;
  /** monotonic, since the reading before */
  readonly elapsedMs: number;
  /** the first one of a run: how long the machine was off is not known */
  readonly isStart?: boolean;
}

export function readClock(before: ClockMemory | undefined, { atMs, elapsedMs, isStart = false }: ClockReading): ClockMemory {
  if (!before) return { trustedAtMs: atMs };
  const expectedMs = before.trustedAtMs + elapsedMs;
  const leapMs = atMs - expectedMs;
  if (leapMs >= -TOLERANCE_MS && leapMs <= (isStart ? MAX_OFF_MS : TOLERANCE_MS)) return { trustedAtMs: atMs };
  const { doubt } = before;
  const strayMs = doubt ? atMs - (doubt.atMs + elapsedMs) : Number.NaN;
  const isSteady = strayMs >= -TOLERANCE_MS && strayMs <= (isStart ? MAX_OFF_MS : TOLERANCE_MS);
  const steadyMs = doubt && isSteady ? doubt.steadyMs + elapsedMs : 0;
  if (steadyMs >= STEADY_MS) return { trustedAtMs: atMs };
  return { trustedAtMs: expectedMs, doubt: { atMs, steadyMs } };
}
