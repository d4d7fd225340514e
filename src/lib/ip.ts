/** IP addresses and ranges as people and proxies write them -> one form of each, so that the same address is always the same text. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** `10.0.0.0/8`; an address alone is a range of itself. */
export interface IpRange {
  readonly ip: string;
  readonly bits: number;
}

/** `::FFFF:10.0.0.1` → `10.0.0.1`, `2001:DB8:0::1` → `2001:db8::1`, without a zone; undefined where it is no address. */
export function plainIp(text: string): string | undefined {
  const [address = ''] = text.split('%');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/** Undefined where it is neither an address nor a range. */
export function ipRange(text: string): IpRange | undefined {
  const [, ip = '', bitsText] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(ip) === 0) return undefined;
  const width = isIPv4(ip) ? 32 : 128;
  const bits = bitsText === undefined ? width : Number(bitsText);
  return bits <= width ? { ip, bits } : undefined;
}

/** Throws for a text that is no range. An address is asked for in the form that `plainIp` gives. */
export function ipList(ranges: readonly string[]): (ip: string) => boolean {
  const list = new BlockList();
  for (const text of ranges) {
    const range = ipRange(text);
    if (!range) throw new TypeError(`Expected an address or a range of addresses but received ${text}`);
    list.addSubnet(range.ip, range.bits, isIPv4(range.ip) ? 'ipv4' : 'ipv6');
  }
  return (ip) => list.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');
}
