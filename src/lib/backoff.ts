/**
 * The one retry loop: run, fail, wait with jitter, run again, until the signal aborts or a failure is not retryable.
 * A failure that says itself how long to wait is waited for exactly so long.
 * Nothing inside `runOnce` retries.
 */
import type { Clock } from './clock.ts';
import { RetryableError } from './errors.ts';

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** a run that lasted this long was healthy: the next failure starts from `minMs` again */
  readonly healthyAfterMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random?: () => number;
  /** told of each failure and of the wait before the next run */
  readonly onRetry: (error: RetryableError, waitMs: number) => void;
}

/** The wait before try `failures` (1, 2, …): exponential, capped, ± 25 % jitter. */
export function backoffMs(failures: number, options: Pick<BackoffOptions, 'minMs' | 'maxMs' | 'random'>): number {
  const base = Math.min(options.maxMs, options.minMs * 2 ** Math.max(0, failures - 1));
  return base * (0.75 + 0.5 * (options.random ?? Math.random)());
}

/** Runs `runOnce` until it returns (done) or throws something that is not a RetryableError. Returns quietly on abort. */
export async function runForever(runOnce: () => Promise<void>, options: BackoffOptions): Promise<void> {
  const { clock, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const startedMs = clock.nowMs();
    try {
      await runOnce();
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RetryableError)) throw error;
      failures = clock.nowMs() - startedMs >= options.healthyAfterMs ? 1 : failures + 1;
      const waitMs = error.waitMs ?? backoffMs(failures, options);
      options.onRetry(error, waitMs);
      await clock.sleep(waitMs, signal).catch((cause: unknown) => {
        if (!signal.aborted) throw cause;
      });
    }
  }
}
