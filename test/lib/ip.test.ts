import { describe, expect, it } from 'vitest';
import { ipList, ipRange, plainIp } from '../../src/lib/ip.ts';

describe('an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:0a01:0203', '10.1.2.3'],
    ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', undefined],
    ['1.2.3', undefined],
    ['010.0.0.1', undefined],
    ['localhost', undefined],
    ['1.2.3.4:80', undefined],
    ['[::1]', undefined],
  ])('%s is %s', (text, ip) => {
    expect(plainIp(text)).toBe(ip);
  });
});

describe('a range of addresses', () => {
  it.each(['', 'proxy', '10.0.0.0/33', '::1/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0/8', '10.0.0.1-9', '*', ' 10.0.0.1'])(
    '"%s" is none',
    (text) => {
      expect(ipRange(text)).toBeUndefined();
      expect(() => ipList([text])).toThrow(`received ${text}`);
    },
  );

  it('holds what is within it, in either family, also as IPv6 writes IPv4', () => {
    const holds = ipList(['10.0.0.7/8', '192.168.1.5', '2001:db8::/32', '::ffff:172.16.0.0/108']);
    const inside = ['10.255.0.1', '192.168.1.5', '2001:db8:9::1', '172.31.0.1'];
    const outside = ['11.0.0.1', '192.168.1.6', '2001:db9::1', '172.32.0.1', '::1'];
    expect([inside.filter(holds), outside.filter(holds)]).toEqual([inside, []]);
    expect(ipList([])('127.0.0.1')).toBe(false);
  });
});
