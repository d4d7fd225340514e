/**
 * Against DNS rebinding: a page of a stranger can point its own name at 127.0.0.1 and then read us as its own origin. Without a
 * password the name in the Host header is the only thing that tells, so only our own names are answered.
 */
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { HttpError } from './problem.ts';

/** Answers only to these names, whatever the port (people tunnel). */
export function onlyOwnHosts(names: readonly string[]): RequestHandler {
  const own = new Set(names.map((name) => name.toLowerCase()));
  return (req, _res, next) => {
    const host = req.headers.host;
    if (host !== undefined && own.has(hostnameOf(host))) next();
    else next(new HttpError(421, 'Lookout answers here only to its own names; set http.publicUrl to the address you use'));
  };
}

/** The names of a server on loopback without credentials. */
export function ownNames(listenHost: string, publicUrl: string | undefined): string[] {
  const publicName = publicUrl === undefined ? [] : [hostnameOf(new URL(publicUrl).host)];
  return ['localhost', '127.0.0.1', '::1', listenHost, ...publicName];
}

/** `[::1]:8080` → `::1`, `LOCALHOST:1` → `localhost`; what is no host and port comes back as a name that is never ours. */
function hostnameOf(host: string): string {
  const [, v6, name] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]@/]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (v6 !== undefined) return isIP(v6) === 6 ? v6.toLowerCase() : '';
  return name?.toLowerCase() ?? '';
}
