/**
 * A refused login -> how long the camera is left alone. Cameras lock an account after a handful of wrong passwords, and it
 * stays locked when the password is right: 30 s are for a camera that is only starting, after that it is asked every 5 min.
 */
import type { Clock } from '../lib/clock.ts';
import { RetryableError } from '../lib/errors.ts';
import type { RefusedLogin } from './causes.ts';

const FIRST_WAIT_MS = 30_000;
const NEXT_WAITS_MS = 300_000;

export class Refusals {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The camera has let us in: the next refusal is the first one. */
  forget(): void {
    this.#count = 0;
  }

  /** Counts the refusal, whatever else failed in between. */
  answer({ message, hint, cause }: RefusedLogin): RetryableError {
    const waitMs = this.#count === 0 ? FIRST_WAIT_MS : NEXT_WAITS_MS;
    this.#count += 1;
    const until = new Date(this.#clock.atMs() + waitMs).toLocaleTimeString('sv-SE');
    return new RetryableError(`${message}; not tried again until ${until}, lest it lock the account`, { hint, cause, waitMs });
  }
}
