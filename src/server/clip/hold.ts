/**
 * Requests that wait for something to happen: bounded in time and in number, given up when the viewer leaves, and let go at
 * once when the server closes.
 */
import type { Response } from 'express';
import { HttpError } from '../problem.ts';

/** More viewers than this wait for one camera only where something is wrong with them. */
const MAX_HELD = 200;

export class Holds {
  readonly #ms: number;
  readonly #held = new Set<AbortController>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Waits for `work`; undefined when the viewer left, 503 when it took too long or there are too many. */
  async hold<T>(res: Response, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#held.size >= MAX_HELD) throw tooEarly();
    const controller = new AbortController();
    const giveUp = (): void => controller.abort();
    const timer = setTimeout(giveUp, this.#ms);
    this.#held.add(controller);
    res.once('close', giveUp);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      if (res.destroyed) return undefined;
      throw tooEarly();
    } finally {
      clearTimeout(timer);
      res.off('close', giveUp);
      this.#held.delete(controller);
    }
  }

  close(): void {
    for (const controller of this.#held) controller.abort();
  }
}

/** The clip is on its way; players try again. */
function tooEarly(): HttpError {
  return new HttpError(503, 'The first seconds of this clip are still being made', { 'Retry-After': '1' });
}
