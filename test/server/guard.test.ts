/** Routes of the test's own in front of the real guard: what the list cannot hold, and what a new route may rely on. */
import { describe, expect, it } from 'vitest';
import { get, type Route, socket } from '../../src/server/route.ts';
import { RouteTable } from '../../src/server/route-table.ts';
import { openHouse, rawRequest } from './house.ts';

const auth = { user: 'me', password: 'correct horse', token: 'a-token-of-enough-length' };
const PASSWORD = { authorization: `Basic ${Buffer.from('me:correct horse').toString('base64')}` };
const TOKEN = { authorization: `Bearer ${auth.token}` };
const HERE = { host: 'cam.lan', origin: 'http://cam.lan' };
const THERE = { host: 'cam.lan', origin: 'http://evil.example' };

const nothing = (): void => undefined;
const ROUTES: readonly Route[] = (['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => ({
  method,
  path: '/new/:name',
  right: 'change',
  answer: ({ res, params }) => void res.json(params),
}));

describe('a request that changes something', () => {
  it.each([
    ['POST', { ...PASSWORD, ...HERE }, 200],
    ['POST', { ...PASSWORD, ...THERE }, 403],
    ['POST', { ...PASSWORD, ...THERE, origin: 'null' }, 403],
    ['POST', { ...TOKEN, ...THERE }, 200],
    ['POST', { ...PASSWORD, ...THERE, 'sec-fetch-site': 'same-origin' }, 200],
    ['POST', { ...PASSWORD, ...HERE, 'sec-fetch-site': 'same-site' }, 403],
    ['PUT', { ...PASSWORD, ...THERE }, 200],
    ['PATCH', { ...PASSWORD, ...THERE }, 200],
    ['DELETE', { ...PASSWORD, ...THERE }, 200],
    ['DELETE', { ...PASSWORD, ...THERE, 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s with %o is answered %i', async (method, headers, status) => {
    await using house = await openHouse({ routes: ROUTES, http: { auth } });
    expect((await rawRequest(house.url, { path: '/new/thing', method, headers })).status).toBe(status);
  });

  it('is never asked for beforehand by a page of somebody else', async () => {
    await using house = await openHouse({ routes: ROUTES });
    const { status, headers } = await rawRequest(house.url, {
      path: '/new/thing',
      method: 'OPTIONS',
      headers: { origin: 'http://x' },
    });
    expect([status, headers['access-control-allow-origin']]).toEqual([405, undefined]);
    expect(headers.allow).toBe('POST, PUT, PATCH, DELETE');
  });
});

describe('a route', () => {
  it('gets the parts of its path decoded, and none that is no text', async () => {
    await using house = await openHouse({ routes: ROUTES });
    const post = async (path: string) => await rawRequest(house.url, { path, method: 'POST' });
    expect((await post('/new/a%2fb%20c')).body).toBe('{"name":"a/b c"}');
    expect((await post('/new/%zz')).status).toBe(400);
    for (const path of ['/new/', '/new/a/b', '/new/a/', '/NEW/a']) expect([path, (await post(path)).status]).toEqual([path, 405]);
  });

  it('does not compile without the right it needs, or with a part that its path has not', () => {
    // @ts-expect-error says no right
    get('/a', nothing);
    // @ts-expect-error no such right
    get('/a', 'everything', nothing);
    // @ts-expect-error no such part
    get('/a/:id', 'watch', ({ params }) => void params.camera);
    expect(get('/a/:id', 'watch', ({ params }) => void params.id)).toMatchObject({
      method: 'GET',
      path: '/a/:id',
      right: 'watch',
    });
  });

  it('is the only one of its path and method: another would never be asked', () => {
    expect(() => new RouteTable([get('/a/:id', 'watch', nothing), get('/a/:id', 'page', nothing)])).toThrow('GET /a/:id');
    const both = [get('/a.b', 'watch', nothing), socket('/a.b', 'watch', nothing)];
    const table = new RouteTable(both);
    expect([table.at('/a.b')?.answers.get('GET'), table.at('/a.b')?.socket]).toEqual(both);
    expect(table.at('/a-b')).toBeUndefined();
  });
});
