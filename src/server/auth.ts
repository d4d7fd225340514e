/**
 * Who sends a request. One password for browsers (Basic), one token for programs (Bearer); with either set, no route is public.
 * Compared as hashes in constant time. With neither, whoever asks for one of our own names may do everything.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { registerSecret } from '../lib/secrets.ts';
import { Caller } from './caller.ts';
import { clientAddresses } from './client-address.ts';
import { checkHost, ownNames } from './hosts.ts';
import { HttpError } from './problem.ts';
import { networkOf, WrongTries } from './wrong-tries.ts';

/** Throws an HttpError where it is nobody we know. */
export type CallerOf = (request: IncomingMessage) => Caller;

export interface AuthOptions {
  /** as configured: one of our own names */
  readonly listenHost: string;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Credential {
  /** of the header, its scheme in lower case */
  readonly hash: Buffer;
  readonly caller: Caller;
}

export function authentication(http: HttpConfig, { listenHost, clock, log }: AuthOptions): CallerOf {
  const credentials = credentialsOf(http.auth);
  if (credentials.length === 0) return ofOwnHosts(ownNames(listenHost, http.publicUrl));
  const tries = new WrongTries(clock);
  const addressOf = clientAddresses(http.trustedProxies);
  const challenge = { 'WWW-Authenticate': challengeOf(http.auth) };
  return (request) => {
    const given = request.headers.authorization;
    if (given === undefined) throw new HttpError(401, 'A password or a token is needed', challenge);
    const caller = callerWith(given, credentials);
    if (caller) return caller;
    const address = networkOf(addressOf(request));
    const waitMs = tries.waitMs(address);
    if (waitMs > 0) {
      const retryAfter = { 'Retry-After': String(Math.ceil(waitMs / 1000)) };
      throw new HttpError(429, 'Too many wrong passwords from this address', retryAfter);
    }
    if (tries.add(address))
      log.warn({ address }, 'many wrong passwords come from one address; further wrong ones are slowed down');
    throw new HttpError(401, 'The password or the token is wrong', challenge);
  };
}

/** Needed only here: with a password a stranger's page gets nothing by another name, because browsers keep credentials per name. */
function ofOwnHosts(own: readonly string[]): CallerOf {
  const anybody = new Caller({ proof: 'open' });
  return ({ headers }) => {
    checkHost(headers.host, own);
    return anybody;
  };
}

function credentialsOf({ user, password, token }: HttpConfig['auth']): Credential[] {
  registerSecret(password);
  registerSecret(token);
  const credentials: Credential[] = [];
  if (password !== undefined) {
    const basic = Buffer.from(`${user}:${password}`).toString('base64');
    registerSecret(basic);
    credentials.push({ hash: digest(`basic ${basic}`), caller: new Caller({ proof: 'password', name: user }) });
  }
  if (token !== undefined) credentials.push({ hash: digest(`bearer ${token}`), caller: new Caller({ proof: 'token' }) });
  return credentials;
}

function callerWith(given: string, credentials: readonly Credential[]): Caller | undefined {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(given) ?? [];
  const hash = digest(`${scheme.toLowerCase()} ${value}`);
  let caller: Caller | undefined;
  for (const one of credentials) if (timingSafeEqual(hash, one.hash)) caller = one.caller;
  return caller;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function challengeOf({ password, token }: HttpConfig['auth']): string {
  const basic = password === undefined ? [] : ['Basic realm="Lookout", charset="UTF-8"'];
  return [...basic, ...(token === undefined ? [] : ['Bearer realm="Lookout"'])].join(', ');
}
