/**
 * Alerts that one outlet has not acknowledged, in the order of their numbers; bounded, and so is what is on the wire. Pure.
 *
 * After a disconnect everything unacknowledged is given out again, lowest number first: consumers may see an alert twice. When the
 * outbox is full the oldest `update` goes, then the oldest; what is on the wire is not touched.
 */
import type { Alert } from '../messages/alert.ts';

export interface OutboxLimits {
  readonly maxAlerts: number;
  readonly maxInFlight: number;
}

interface Entry {
  readonly alert: Alert;
  isInFlight: boolean;
  /** turned away: not given out before the next connection */
  isAside: boolean;
}

export class Outbox {
  readonly #limits: OutboxLimits;
  /** by seq; a Map keeps the order of insertion, which is the order of seq */
  readonly #entries = new Map<number, Entry>();
  #inFlight = 0;
  #dropped = 0;

  constructor(limits: OutboxLimits) {
    if (limits.maxAlerts <= limits.maxInFlight) {
      throw new Error(`Expected maxAlerts above maxInFlight ${limits.maxInFlight} but received ${limits.maxAlerts}`);
    }
    this.#limits = limits;
  }

  /** Alerts waiting or on the wire. */
  get size(): number {
    return this.#entries.size;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Alerts that were turned away and wait for the next connection. */
  get aside(): number {
    return [...this.#entries.values()].filter(({ isAside }) => isAside).length;
  }

  /** Alerts given up because the outbox was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes an alert in and returns the one that had to go. */
  add(alert: Alert): Alert | undefined {
    const victim = this.#entries.size >= this.#limits.maxAlerts ? this.#oldest() : undefined;
    if (victim) {
      this.#entries.delete(victim.seq);
      this.#dropped += 1;
    }
    this.#entries.set(alert.seq, { alert, isInFlight: false, isAside: false });
    return victim;
  }

  /** The next alert to send, counted as on the wire from now on; undefined while there is none or enough are on the wire. */
  next(): Alert | undefined {
    if (this.#inFlight >= this.#limits.maxInFlight) return undefined;
    for (const entry of this.#entries.values()) {
      if (entry.isInFlight || entry.isAside) continue;
      entry.isInFlight = true;
      this.#inFlight += 1;
      return entry.alert;
    }
    return undefined;
  }

  acked(seq: number): void {
    if (!this.#entries.get(seq)?.isInFlight) return;
    this.#entries.delete(seq);
    this.#inFlight -= 1;
  }

  /** It was not taken: it waits again, at its old place. */
  notTaken(seq: number): void {
    const entry = this.#entries.get(seq);
    if (!entry?.isInFlight) return;
    entry.isInFlight = false;
    this.#inFlight -= 1;
  }

  /** It was turned away: it waits for the next connection, at its old place, and no other waits for it. */
  setAside(seq: number): void {
    const entry = this.#entries.get(seq);
    if (!entry?.isInFlight) return;
    this.notTaken(seq);
    entry.isAside = true;
  }

  /** The connection is gone: what was on the wire waits again, at its old place. */
  disconnected(): void {
    for (const entry of this.#entries.values()) {
      entry.isInFlight = false;
      entry.isAside = false;
    }
    this.#inFlight = 0;
  }

  #oldest(): Alert | undefined {
    let oldest: Alert | undefined;
    for (const { alert, isInFlight } of this.#entries.values()) {
      if (isInFlight) continue;
      if (alert.type === 'update') return alert;
      oldest ??= alert;
    }
    return oldest;
  }
}
