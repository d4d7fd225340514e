/**
 * A request -> the address of who sent it. Proxies say whom they ask for in X-Forwarded-For or Forwarded (RFC 7239); each appends
 * the address that it was asked from, so what stands left of the first stranger is the stranger's own word. Read from the right,
 * and only as far as `http.trustedProxies` vouch.
 */
import type { IncomingMessage } from 'node:http';
import { ipList, plainIp } from '../lib/ip.ts';

export type ClientAddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

export function clientAddresses(trustedProxies: readonly string[]): ClientAddressOf {
  const isTrusted = ipList(trustedProxies);
  return ({ headers, socket }) => {
    const peer = plainIp(socket.remoteAddress ?? '') ?? '';
    if (peer === '' || !isTrusted(peer)) return peer;
    const said = [forwardedFor(headers['x-forwarded-for']), forwarded(headers.forwarded)].filter((hops) => hops !== undefined);
    const [one = peer, other = one] = said.map((hops) => firstStranger(peer, hops, isTrusted));
    // A proxy writes one of the two and may pass on the other as the client sent it: where they differ, neither is believed.
    return one === other ? one : peer;
  };
}

/** The rightmost that is no proxy of ours; where one of ours does not say who asked it, that proxy itself. */
function firstStranger(peer: string, hops: readonly (string | undefined)[], isTrusted: (ip: string) => boolean): string {
  let address = peer;
  for (const hop of hops.toReversed()) {
    if (hop === undefined) break;
    address = hop;
    if (!isTrusted(hop)) break;
  }
  return address;
}

type Hops = readonly (string | undefined)[] | undefined;

/** `client, proxy1, proxy2` */
function forwardedFor(header: string | readonly string[] | undefined): Hops {
  return header === undefined ? undefined : String(header).split(',').map(nodeOf);
}

/**
 * `for=client;proto=https, for="[2001:db8::1]:443"`. Split without regard to quotes: no address holds a comma, and an open
 * quote of the client's must not swallow what a proxy appends. A hop with two `for` says nothing.
 */
function forwarded(header: string | undefined): Hops {
  return header?.split(',').map((hop) => {
    const [node, another] = hop.split(';').flatMap((pair) => /^\s*for=(.*)$/is.exec(pair)?.[1] ?? []);
    return node === undefined || another !== undefined ? undefined : nodeOf(node);
  });
}

/** `1.2.3.4`, `1.2.3.4:80`, `"[2001:db8::1]:80"`; undefined for `unknown`, `_hidden` and whatever is no address. */
function nodeOf(text: string): string | undefined {
  const node = /^"?([^"]*)"?$/.exec(text.trim())?.[1] ?? '';
  const [, v6, v4] = /^(?:\[([^\]]+)\]|([^:]+))(?::\w+)?$/.exec(node) ?? [];
  return plainIp(v6 ?? v4 ?? node);
}
