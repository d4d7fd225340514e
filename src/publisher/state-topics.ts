/**
 * The latest value of every retained topic. Pure.
 *
 * At most one message per topic is on the wire and only the newest value waits behind it, so a broker that hangs costs no
 * memory. After every (re)connect all of them are due again, in the order in which they were first set. An empty value clears the
 * topic at the broker (MQTT 3.1.1, 3.3.1.3) and is forgotten once that is acknowledged.
 */
export interface StateMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
}

interface Entry {
  payload: string | Buffer;
  isDue: boolean;
  isInFlight: boolean;
}

export class StateTopics {
  readonly #entries = new Map<string, Entry>();

  /** A text that is already known is not sent again. */
  set(topic: string, payload: string | Buffer): void {
    const entry = this.#entries.get(topic);
    if (!entry) {
      this.#entries.set(topic, { payload, isDue: true, isInFlight: false });
    } else if (entry.payload !== payload) {
      entry.payload = payload;
      entry.isDue = true;
    }
  }

  /** The next value of at most so many bytes, counted as on the wire from now on. */
  next(maxBytes = Number.POSITIVE_INFINITY): StateMessage | undefined {
    for (const [topic, entry] of this.#entries) {
      if (!entry.isDue || entry.isInFlight || entry.payload.length > maxBytes) continue;
      entry.isDue = false;
      entry.isInFlight = true;
      return { topic, payload: entry.payload };
    }
    return undefined;
  }

  acked(topic: string): void {
    const entry = this.#entries.get(topic);
    if (!entry) return;
    entry.isInFlight = false;
    if (entry.payload === '' && !entry.isDue) this.#entries.delete(topic);
  }

  /** The connection is gone: the next one begins with everything. */
  disconnected(): void {
    for (const entry of this.#entries.values()) {
      entry.isDue = true;
      entry.isInFlight = false;
    }
  }

  /** The broker has acknowledged every value. */
  get isSettled(): boolean {
    return [...this.#entries.values()].every((entry) => !entry.isDue && !entry.isInFlight);
  }
}
