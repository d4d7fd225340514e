/** A clock that goes on only when told to, so that no test waits and none depends on how quick the machine is. */
import type { Clock } from '../src/lib/clock.ts';

interface Sleeper {
  readonly dueNowMs: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #nowMs = 1000;
  #atMs = Date.UTC(2026, 10, 20, 14, 2, 0);
  #sleepers: Sleeper[] = [];
  /** the length of every sleep that was asked for */
  readonly sleptMs: number[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  atMs(): number {
    return this.#atMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleptMs.push(ms);
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason as Error);
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#sleepers.push({ dueNowMs: this.#nowMs + ms, wake });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Somebody sets the clock on the wall. */
  setWall(byMs: number): void {
    this.#atMs += byMs;
  }

  /** Both clocks go on; who has slept long enough wakes. */
  pass(ms: number): void {
    this.#nowMs += ms;
    this.#atMs += ms;
    const due = this.#sleepers.filter(({ dueNowMs }) => dueNowMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter(({ dueNowMs }) => dueNowMs > this.#nowMs);
    for (const { wake } of due) wake();
  }
}
