/** Whom wrong passwords are counted for, behind proxies that say whom they ask for, and behind ones that nobody vouched for. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { type House, openHouse, rawRequest } from './house.ts';

const auth = { user: 'me', password: 'correct horse' };
const path = '/api/v1/health';
const RIGHT = { authorization: `Basic ${Buffer.from('me:correct horse').toString('base64')}` };
const WRONG = { authorization: `Basic ${Buffer.from('me:wrong password').toString('base64')}` };
const LISTED = ['127.0.0.1', '10.0.0.0/8', '2001:db8:ffff::/48'];

/** Time would heal what wrong passwords cost. */
const STANDING: Clock = { ...systemClock, nowMs: () => 0 };

const houses: House[] = [];
const open = async (trustedProxies: string[]): Promise<House> => {
  const house = await openHouse({ http: { auth, trustedProxies }, clock: STANDING });
  houses.push(house);
  return house;
};
afterEach(async () => {
  for (const house of houses.splice(0)) await house[Symbol.asyncDispose]();
});

type Headers = Record<string, string | string[]>;

async function statusOf({ url }: House, headers: Headers): Promise<number> {
  return (await rawRequest(url, { path, headers: headers as Record<string, string> })).status;
}

/** Wrong passwords with these headers until the address is slowed down. */
async function fill(house: House, headers: Headers): Promise<void> {
  for (let i = 0; i < 10; i += 1) expect(await statusOf(house, { ...WRONG, ...headers })).toBe(401);
  expect(await statusOf(house, { ...WRONG, ...headers })).toBe(429);
}

describe('a proxy that is listed', () => {
  let house: House;
  beforeEach(async () => {
    house = await open(LISTED);
  });

  it.each<[string, Headers, Headers]>([
    ['the client it names', { 'x-forwarded-for': '203.0.113.1' }, { 'x-forwarded-for': '203.0.113.1:4711' }],
    ['what stands right of a lie', { 'x-forwarded-for': '9.9.9.9, 203.0.113.1' }, { 'x-forwarded-for': '8.8.8.8,203.0.113.1' }],
    ['the first stranger before proxies', { 'x-forwarded-for': '203.0.113.1, 10.1.1.1' }, { 'x-forwarded-for': '203.0.113.1' }],
    ['headers that were sent twice', { 'x-forwarded-for': ['9.9.9.9', '203.0.113.1'] }, { 'x-forwarded-for': '203.0.113.1' }],
    ['IPv4 as IPv6 writes it', { 'x-forwarded-for': '::ffff:203.0.113.1' }, { 'x-forwarded-for': '203.0.113.1' }],
    ['the other header', { forwarded: 'for=203.0.113.1;proto=https' }, { 'x-forwarded-for': '203.0.113.1' }],
    ['IPv6 in quotes', { forwarded: 'proto=http; For="[2001:db8::1]:4711"' }, { 'x-forwarded-for': '2001:db8::1' }],
    ['another address of the same IPv6 network', { 'x-forwarded-for': '2001:db8::1' }, { 'x-forwarded-for': '2001:db8::2' }],
    ['a proxy that says what it is no address', { 'x-forwarded-for': '9.9.9.9, unknown' }, {}],
    ['a proxy that names a proxy', { forwarded: 'for=9.9.9.9, for=_hidden, for=10.1.1.1' }, { 'x-forwarded-for': '10.1.1.1' }],
    ['a quote that the client left open', { forwarded: 'for="9.9.9.9, for=203.0.113.1' }, { 'x-forwarded-for': '203.0.113.1' }],
    ['two addresses in one hop', { forwarded: 'for=203.0.113.1;host=";for=9.9.9.9"' }, {}],
    ['two headers that differ', { 'x-forwarded-for': '203.0.113.1', forwarded: 'for=9.9.9.9' }, {}],
    ['nothing', { 'x-forwarded-for': '' }, {}],
  ])('is taken at its word: %s', async (_name, headers, same) => {
    await fill(house, headers);
    expect(await statusOf(house, { ...WRONG, ...same })).toBe(429);
    expect(await statusOf(house, { ...WRONG, 'x-forwarded-for': '198.51.100.7' })).toBe(401);
    expect(await statusOf(house, { ...RIGHT, ...same })).toBe(200);
  });
});

describe('an address that is not listed', () => {
  it.each([[[]], [['10.0.0.0/8', '127.0.0.2', '::1']]])('changes nothing by what it says (%j)', async (trustedProxies) => {
    const house = await open(trustedProxies);
    await fill(house, { 'x-forwarded-for': '203.0.113.1' });
    expect(await statusOf(house, { ...WRONG, 'x-forwarded-for': '203.0.113.2', forwarded: 'for=203.0.113.2' })).toBe(429);
    expect(await statusOf(house, { ...WRONG, 'x-real-ip': '203.0.113.2', 'client-ip': '203.0.113.2' })).toBe(429);
  });
});

describe('twenty wrong passwords through a proxy', () => {
  it.each([[[]], [['127.0.0.1']]])('keep out nobody who has the right one (listed: %j)', async (trustedProxies) => {
    const house = await open(trustedProxies);
    await using proxy = await forwarding(house.url, '203.0.113.9');
    const through = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(proxy.url + path, { headers })).status;
    const statuses: number[] = [];
    for (let i = 0; i < 20; i += 1) statuses.push(await through(WRONG));
    expect([statuses.slice(0, 10), statuses.slice(-5)]).toEqual([Array(10).fill(401), Array(5).fill(429)]);
    expect([await through(RIGHT), await statusOf(house, RIGHT)]).toEqual([200, 200]);
    // Only the proxy's word tells its clients from others on its machine.
    expect(await statusOf(house, WRONG)).toBe(trustedProxies.length > 0 ? 401 : 429);
  });
});

/** A reverse proxy as most are: it appends whom it was asked by. */
async function forwarding(to: string, client: string): Promise<AsyncDisposable & { url: string }> {
  const proxy = createServer((req, res) => {
    const before = req.headers['x-forwarded-for'];
    const headers = { ...req.headers, 'x-forwarded-for': before === undefined ? client : `${String(before)}, ${client}` };
    req.pipe(
      httpRequest(to + (req.url ?? ''), { method: req.method, headers, agent: false }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      }),
    );
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  };
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}
