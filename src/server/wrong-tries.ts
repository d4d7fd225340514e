/**
 * What wrong passwords cost the address that tries them: ten at once, then one a second. The right one never comes here: many people
 * may share an address, and a stranger among them must lock nobody out.
 */
import { isIPv6 } from 'node:net';
import type { Clock } from '../lib/clock.ts';

const FREE_TRIES = 10;
const TRY_EVERY_MS = 1000;
const MAX_ADDRESSES = 1000;

/** A bucket of wrong tries per address, bounded; the address that was quiet for longest is forgotten first. */
export class WrongTries {
  readonly #clock: Clock;
  /** when the bucket of an address will be empty again, and whether it was full since it last was */
  readonly #buckets = new Map<string, { emptyNowMs: number; wasFull: boolean }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  waitMs(address: string): number {
    const emptyNowMs = this.#buckets.get(address)?.emptyNowMs ?? 0;
    return emptyNowMs - this.#clock.nowMs() - (FREE_TRIES - 1) * TRY_EVERY_MS;
  }

  /** Counts a wrong try. True when it is the one that fills the bucket: worth a line in the log, the ones after it are not. */
  add(address: string): boolean {
    const nowMs = this.#clock.nowMs();
    const before = this.#buckets.get(address);
    const isEmpty = before === undefined || before.emptyNowMs <= nowMs;
    const bucket = { emptyNowMs: (isEmpty ? nowMs : before.emptyNowMs) + TRY_EVERY_MS, wasFull: !isEmpty && before.wasFull };
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    const oldest = this.#buckets.size > MAX_ADDRESSES ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
    if (bucket.wasFull || this.waitMs(address) <= 0) return false;
    bucket.wasFull = true;
    return true;
  }
}

/** IPv6 hosts own a /64, so that is what counts as one address. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':');
}
