/** Time, injected so that tests can own it. Durations and timeouts use `nowMs`; `atMs` is for people and file names. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** monotonic milliseconds */
  nowMs(): number;
  /** wall time, epoch milliseconds */
  atMs(): number;
  /** resolves after `ms`; rejects with the signal's reason when it aborts */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Resolves after `ms`, or at once when the signal aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  atMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
