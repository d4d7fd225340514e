/**
 * `host:port` → a bound socket, or one sentence that says what to do. Binding wider than loopback needs credentials: whether
 * an address is loopback is asked of the address itself, after its name was resolved, and that very address is bound.
 */
import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { type AddressInfo, BlockList, isIPv6 } from 'node:net';
import type { HttpConfig } from '../config/config.ts';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';

export interface ListenAddress {
  /** as configured, for people */
  readonly text: string;
  readonly host: string;
  /** the address that `host` stands for */
  readonly ip: string;
  readonly port: number;
  readonly isLoopback: boolean;
}

/** Ports tried after a taken one, for the demo. */
const FALLBACK_PORTS = 20;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/** Reads and resolves `http.listen`; refuses a wide address without credentials. */
export async function resolveListen({ listen, auth }: HttpConfig): Promise<ListenAddress> {
  const [, host, portText] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(listen) ?? [];
  const port = Number(portText);
  if (host === undefined || !(port <= 65_535)) {
    throw new UserError(`Expected host:port for http.listen but received ${listen}`, { hint: 'for example 127.0.0.1:8080' });
  }
  const ip = await resolveHost(host, listen);
  const isLoopback = loopback.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
  if (!isLoopback && auth.password === undefined && auth.token === undefined) {
    throw new UserError(`Refusing to listen on ${listen} without a password`, {
      hint: `set http.auth.password in lookout.yaml (or the variable LOOKOUT_HTTP_PASSWORD), or listen on 127.0.0.1:${port}`,
    });
  }
  return { text: listen, host, ip, port, isLoopback };
}

/** Binds, and returns the address as others write it. */
export async function bind(server: Server, address: ListenAddress, options: { fallbackPort: boolean }): Promise<string> {
  const last = options.fallbackPort && address.port > 0 ? Math.min(65_535, address.port + FALLBACK_PORTS) : address.port;
  for (let port = address.port; ; port += 1) {
    try {
      await listening(server, address.ip, port);
      return urlOf(address, (server.address() as AddressInfo).port);
    } catch (cause) {
      if (codeOf(cause) !== 'EADDRINUSE' || port >= last) throw explain(cause, address);
    }
  }
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function resolveHost(host: string, listen: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new UserError(`${host} of http.listen (${listen}) is not known on this machine`, {
      hint: 'use 127.0.0.1, or an address that this machine has (see: ip address)',
      cause,
    });
  }
}

function urlOf({ host, ip }: ListenAddress, port: number): string {
  // A wildcard is no address to open; this machine reaches it on loopback.
  const shown = ip === '0.0.0.0' || ip === '::' ? 'localhost' : host;
  return `http://${isIPv6(shown) ? `[${shown}]` : shown}:${port}`;
}

function explain(cause: unknown, { text, port }: ListenAddress): UserError {
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new UserError(`${text} is taken by another program`, {
        hint: `stop that program (find it with: ss -ltnp 'sport = :${port}'), or choose another port (--http, or http.listen)`,
        cause,
      });
    case 'EACCES':
      return new UserError(`This account may not listen on ${text}`, { hint: 'choose a port above 1023', cause });
    case 'EADDRNOTAVAIL':
      return new UserError(`${text} is not an address of this machine`, {
        hint: 'use 127.0.0.1, or an address that this machine has (see: ip address)',
        cause,
      });
    default:
      return new UserError(`Listening on ${text} failed: ${messageOf(cause)}`, {
        hint: 'choose another address (--http)',
        cause,
      });
  }
}
