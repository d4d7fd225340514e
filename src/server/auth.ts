/**
 * One password for browsers (Basic), one token for programs (Bearer); with either set, no route is public. Compared as hashes
 * in constant time. Wrong tries cost the address that makes them: ten at once, then one a second.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import type { HttpConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { registerSecret } from '../lib/secrets.ts';
import { HttpError } from './problem.ts';

const FREE_TRIES = 10;
const TRY_EVERY_MS = 1000;
const MAX_ADDRESSES = 1000;

/** The check in front of every route; undefined where no credentials are set. */
export function authentication({ auth }: HttpConfig, { clock, log }: { clock: Clock; log: Logger }): RequestHandler | undefined {
  const accepted = acceptedHeaders(auth);
  if (accepted.length === 0) return undefined;
  const tries = new WrongTries(clock);
  const challenge = { 'WWW-Authenticate': challengeOf(auth) };
  return (req, _res, next) => {
    const given = req.headers.authorization;
    if (given === undefined) return next(new HttpError(401, 'A password or a token is needed', challenge));
    const address = addressOf(req.socket.remoteAddress);
    const waitMs = tries.waitMs(address);
    if (waitMs > 0) {
      const retryAfter = { 'Retry-After': String(Math.ceil(waitMs / 1000)) };
      return next(new HttpError(429, 'Too many wrong passwords from this address', retryAfter));
    }
    if (isAccepted(given, accepted)) return next();
    if (tries.add(address)) log.warn({ address }, 'many wrong passwords come from one address; it is slowed down');
    return next(new HttpError(401, 'The password or the token is wrong', challenge));
  };
}

/** A bucket of wrong tries per address, bounded; the address that was quiet for longest is forgotten first. */
class WrongTries {
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

function acceptedHeaders({ user, password, token }: HttpConfig['auth']): Buffer[] {
  registerSecret(password);
  registerSecret(token);
  const accepted: Buffer[] = [];
  if (password !== undefined) {
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    registerSecret(basic);
    accepted.push(digest(`basic ${basic}`));
  }
  if (token !== undefined) accepted.push(digest(`bearer ${token}`));
  return accepted;
}

function isAccepted(given: string, accepted: readonly Buffer[]): boolean {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(given) ?? [];
  const hash = digest(`${scheme.toLowerCase()} ${value}`);
  let isMatch = false;
  for (const one of accepted) isMatch = timingSafeEqual(hash, one) || isMatch;
  return isMatch;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function challengeOf({ password, token }: HttpConfig['auth']): string {
  const basic = password === undefined ? [] : ['Basic realm="Lookout", charset="UTF-8"'];
  return [...basic, ...(token === undefined ? [] : ['Bearer realm="Lookout"'])].join(', ');
}

/** IPv6 hosts own a /64, so that is what counts as one address. */
function addressOf(remote = ''): string {
  if (!isIPv6(remote) || remote.startsWith('::ffff:')) return remote;
  const [head = '', tail] = remote.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':');
}
