/**
 * Against DNS rebinding: a page of a stranger can point its own name at 127.0.0.1 and then read us as its own origin. Without a
 * password the name in the Host header is the only thing that tells, so only our own names are answered.
 */
import { isIP } from 'node:net';
import { HttpError } from './problem.ts';

/** Throws a 421 for a request to another name, whatever the port (people tunnel). */
export function checkHost(host: string | undefined, own: readonly string[]): void {
  if (host === undefined || !own.includes(hostnameOf(host)))
    throw new HttpError(421, 'Lookout answers here only to its own names; set http.publicUrl to the address you use');
}

/** The names of a server on loopback without credentials. */
export function ownNames(listenHost: string, publicUrl: string | undefined): string[] {
  const publicName = publicUrl === undefined ? [] : [hostnameOf(new URL(publicUrl).host)];
  return ['localhost', '127.0.0.1', '::1', listenHost, ...publicName].map((name) => name.toLowerCase());
}

/** `[::1]:8080` → `::1`, `LOCALHOST:1` → `localhost`; what is no host and port comes back as a name that is never ours. */
function hostnameOf(host: string): string {
  const [, v6, name] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]@/]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (v6 !== undefined) return isIP(v6) === 6 ? v6.toLowerCase() : '';
  return name?.toLowerCase() ?? '';
}
