/** A camera that is away: an event goes on over a short loss and ends over a longer one. */
import { type Clock, pause } from '../lib/clock.ts';

export interface AbsenceOptions {
  /** how long is short */
  readonly patienceMs: number;
  readonly onLong: () => void;
  readonly clock: Clock;
}

export class Absence {
  readonly #options: AbsenceOptions;
  #away: AbortController | undefined;

  constructor(options: AbsenceOptions) {
    this.#options = options;
  }

  /** Nothing changes where it is away already. */
  begin(): void {
    if (this.#away) return;
    this.#away = new AbortController();
    void this.#wait(this.#away.signal);
  }

  /** It is back, or nobody waits for it any more. */
  end(): void {
    this.#away?.abort();
    this.#away = undefined;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { patienceMs, onLong, clock } = this.#options;
    await pause(clock, patienceMs, signal);
    if (!signal.aborted) onLong();
  }
}
