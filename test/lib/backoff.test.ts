import { describe, expect, it } from 'vitest';
import { backoffMs, runForever } from '../../src/lib/backoff.ts';
import { RetryableError, UserError } from '../../src/lib/errors.ts';
import { FakeClock } from '../fake-clock.ts';

const LIMITS = { minMs: 250, maxMs: 5000 };

/** The loop with a clock of its own that jumps over every wait, and what it told. */
function loop(random = 0.5) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const retries: { message: string; waitMs: number }[] = [];
  const run = async (runOnce: () => Promise<void>): Promise<void> =>
    await runForever(runOnce, {
      ...LIMITS,
      healthyAfterMs: 10_000,
      clock,
      signal: controller.signal,
      random: () => random,
      onRetry: ({ message }, waitMs) => {
        retries.push({ message, waitMs });
        queueMicrotask(() => clock.pass(waitMs));
      },
    });
  return { clock, controller, retries, run };
}

/** Fails this often, each time after `lastingMs`, then succeeds. */
function failing(times: number, fail: (i: number) => void = () => undefined): () => Promise<void> {
  let i = 0;
  return async () => {
    if (i >= times) return;
    fail(i);
    i += 1;
    throw new RetryableError(`failure ${i}`);
  };
}

async function throwsBug(): Promise<void> {
  throw new TypeError('x is not a function');
}

function rethrow(error: RetryableError): void {
  throw error;
}

describe('backoffMs', () => {
  it('doubles from the minimum to the maximum and stays there', () => {
    const middles = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(failures, { ...LIMITS, random: () => 0.5 }));
    expect(middles).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('spreads by a quarter to both sides', () => {
    expect(backoffMs(1, { ...LIMITS, random: () => 0 })).toBe(187.5);
    expect(backoffMs(1, { ...LIMITS, random: () => 0.9999 })).toBeCloseTo(312.5, 0);
  });

  it('differs between two cameras that were lost together', () => {
    const waits = new Set(Array.from({ length: 20 }, () => backoffMs(3, LIMITS)));
    expect(waits.size).toBeGreaterThan(10);
  });
});

describe('runForever', () => {
  it('runs again after each failure, waiting longer, until it succeeds', async () => {
    const { run, retries } = loop();
    await run(failing(4));
    expect(retries).toEqual([
      { message: 'failure 1', waitMs: 250 },
      { message: 'failure 2', waitMs: 500 },
      { message: 'failure 3', waitMs: 1000 },
      { message: 'failure 4', waitMs: 2000 },
    ]);
  });

  it('really waits as long as it said', async () => {
    const { clock, run, retries } = loop();
    await run(failing(3));
    expect(clock.sleptMs).toEqual(retries.map(({ waitMs }) => waitMs));
  });

  it('starts from the shortest wait again after a run that was healthy', async () => {
    const { clock, run, retries } = loop();
    await run(failing(5, (i) => clock.pass(i === 3 ? 10_000 : 9000)));
    expect(retries.map(({ waitMs }) => waitMs)).toEqual([250, 500, 1000, 250, 500]);
  });

  it('passes on what time cannot mend, without another try', async () => {
    const { run, retries } = loop();
    let runs = 0;
    const broken = async (): Promise<void> => {
      runs += 1;
      throw new UserError('walk.mp4 does not exist', { hint: 'check the path' });
    };
    await expect(run(broken)).rejects.toThrow('walk.mp4 does not exist');
    await expect(run(throwsBug)).rejects.toThrow(TypeError);
    expect(runs).toBe(1);
    expect(retries).toEqual([]);
  });

  it('passes on what the listener throws', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    const ended = runForever(failing(1), { ...LIMITS, healthyAfterMs: 1, clock, signal, onRetry: rethrow });
    await expect(ended).rejects.toThrow('failure 1');
  });

  it('returns quietly when it is aborted while it waits', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const onRetry = (): void => queueMicrotask(() => controller.abort());
    const options = { ...LIMITS, healthyAfterMs: 1, clock, signal: controller.signal, onRetry };
    await expect(runForever(failing(9), options)).resolves.toBeUndefined();
    expect(clock.sleptMs).toHaveLength(1);
  });

  it('returns quietly when it is aborted while it runs, whatever the run throws', async () => {
    const { controller, run, retries } = loop();
    const aborted = async (): Promise<void> => {
      controller.abort();
      throw new TypeError('the socket is gone');
    };
    await expect(run(aborted)).resolves.toBeUndefined();
    expect(retries).toEqual([]);
  });

  it('does not run at all once it is aborted', async () => {
    const { controller, run } = loop();
    controller.abort();
    let runs = 0;
    await run(async () => {
      runs += 1;
    });
    expect(runs).toBe(0);
  });
});
