/** Whoever is nobody we know, in every form that it may take, at every route: none gets through. */
import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { EventStream } from '../../src/server/api/sse.ts';
import { Holds } from '../../src/server/clip/hold.ts';
import { type Route, socket } from '../../src/server/route.ts';
import { routesOf } from '../../src/server/routes.ts';
import { addEvent, CAMERA, type House, ID, openHouse } from './house.ts';

const auth = { user: 'me', password: 'correct horse', token: 'a-token-of-enough-length' };
const base64 = (text: string, encoding: BufferEncoding = 'base64'): string => Buffer.from(text).toString(encoding);
const BASIC = base64('me:correct horse');
const PASSWORD = { authorization: `Basic ${BASIC}` };
const SECRET = 'nobody may read this';

type Headers = Record<string, string | string[]>;

const authorization = (...forms: string[]): Headers[] => forms.map((form) => ({ authorization: form }));
const CREDENTIALS: readonly Headers[] = [
  {},
  ...authorization('', 'Basic', 'Bearer', 'Basic Og==', 'Bearer null', 'Bearer undefined', `Basic ${base64('me:')}`),
  ...authorization(BASIC, auth.token, auth.password, `Bearer ${BASIC}`, `Basic ${auth.token}`, `Bearer ${auth.password}`),
  ...authorization(
    `Basic ${base64('me:correct horse\0')}`,
    `Basic ${base64('me:correct horse ')}`,
    `Basic ${base64(':correct horse')}`,
  ),
  ...authorization(`Basic ${base64('Me:correct horse')}`, `Basic ${base64('me:Correct horse')}`, `Basic ${base64('me:correct')}`),
  ...authorization(`Basic ${base64(BASIC)}`, `Basic ${BASIC.toLowerCase()}`, `Basic ${base64('me:correct horse', 'hex')}`),
  ...authorization(`Basic me:correct%20horse`, `Digest username="me"`, `Negotiate ${BASIC}`, `Token ${auth.token}`),
  ...authorization(`Bearer ${auth.token}x`, `Bearer ${auth.token.slice(0, -1)}`, `Bearer ${auth.token.toUpperCase()}`),
  ...authorization(
    `Bearer "${auth.token}"`,
    `Bearer ${auth.token}, Basic x`,
    `Bearer Bearer ${auth.token}`,
    `Bearer\t${auth.token}`,
  ),
  ...authorization(`Bearer ${'a'.repeat(12_000)}`, `Bearer ${base64(auth.token)}`, `${'Basic '.repeat(500)}${BASIC}`),
  { authorization: ['Basic Og==', PASSWORD.authorization] },
  { 'proxy-authorization': PASSWORD.authorization },
  { 'x-authorization': PASSWORD.authorization, 'x-original-authorization': PASSWORD.authorization },
  { cookie: `authorization=${PASSWORD.authorization}; token=${auth.token}` },
  { 'x-api-key': auth.token, 'x-auth-token': auth.token, 'access-token': auth.token },
  { 'x-forwarded-user': 'me', 'remote-user': 'me', 'x-remote-user': 'me', from: 'me' },
  { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-real-ip': '127.0.0.1', host: 'localhost' },
  { 'x-original-url': '/api/v1/health', 'x-rewrite-url': '/', 'x-http-method-override': 'OPTIONS' },
  { connection: 'Upgrade', upgrade: 'websocket' },
  { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' },
];

const PATHS = [
  '/../secret.txt',
  '/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/%2E%2E%2Fsecret.txt',
  '/..%2fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/%252e%252e%252fsecret.txt',
  '/%25252e%25252e/secret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/%uff0e%uff0e/secret.txt',
  '/....//secret.txt',
  '/..;/secret.txt',
  '/./.././secret.txt',
  '/assets/../../secret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '//secret.txt',
  '/.secret',
  '/%2esecret',
  '/index.html%00',
  '/%00/../secret.txt',
  '/secret.txt%00.html',
  `/events/${ID}/%2e%2e%2fsecret.txt`,
  `/events/${ID}/..%2f..%2f..%2f..%2f..%2f..%2f..%2fsecret.txt`,
  `/events/${ID}/%00`,
  `/events/${ID}/event.json`,
  `/events/${ID}/%65vent.json`,
  `/events/${ID}%2fevent.json`,
  `/events/..%2f..%2flookout.json/index.m3u8`,
  `/events/%2e%2e/event.json`,
  `/api/v1/events/..%2f..%2f..%2fsecret.txt`,
  '/api/v1/../../secret.txt',
  '/api/v1/cameras/..%2f..%2fsecret.txt/why',
  '/api/v1/cameras/%00/why',
  '/api/v1/cameras/__proto__/why',
  '/api/v1/events/%zz',
  '/API/v1/EVENTS',
  '//api/v1/events',
  '/api//v1/events',
  '/api/v1/events/',
  '/api/v1/events;a=b',
  '/api/v1/events%3flimit=1',
  '/api/v1/events?limit=1&limit=2&__proto__[x]=1',
  '/?/../secret.txt',
  `/${'a'.repeat(12_000)}`,
  `/${'../'.repeat(3000)}secret.txt`,
  `/${'%2e%2e%2f'.repeat(1000)}secret.txt`,
  'http://evil.example/api/v1/events',
  'http://me:correct%20horse@127.0.0.1/api/v1/events',
];

const HOSTS =
  `evil.example evil.example:8080 localhost.evil.example 127.0.0.1.evil.example evil.example.localhost localhost@evil.example
evil.example@localhost localhost:80@evil.example localhost. 127.0.0.1. 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 127.0.0.2
0.0.0.0 [::] [::ffff:127.0.0.1] [::1].evil.example [::1%25lo] [::1 ::1 localhost/evil localhost%00 localhost,evil.example
localhost:8080:80 localhost:x localhost:123456 cam.lan lookout.local xn--lcalhost-n4a *`.split(/\s+/);

const ORIGINS =
  `null http://evil.example https://evil.example http://cam.lan.evil.example http://evil.example/cam.lan http://cam.lan@evil.example
http://evil.example#cam.lan http://evil.example?cam.lan http://cam.lan:8080 https://cam.lan:8443 http://cam.lan. http://xcam.lan http://cam.lanx
http://sub.cam.lan http://localhost http://127.0.0.1 http://[::1] file:// file:///cam.lan cam.lan //cam.lan http:cam.lan.evil.example
chrome-extension://cam.lan.evil moz-extension://evil data:cam.lan blob:http://cam.lan about:blank http:// * undefined
http://cam.lan,http://evil.example`.split(/\s+/);

const SITES = [
  'cross-site',
  'same-site',
  '',
  'SAME-ORIGIN',
  'same-origin, cross-site',
  'none, none',
  'same-origin;',
  'null',
  '*',
];

const SOCKET = socket('/new/socket', 'change', ({ take }) => void take().socket.end('HTTP/1.1 101 Taken\r\n\r\n'));
const POST: Route = { method: 'POST', path: '/new/thing', right: 'change', answer: ({ res }) => void res.json('done') };

let open: House;
let locked: House;
let routes: readonly Route[];
beforeAll(async () => {
  let nowMs = 0;
  // Time heals what wrong tries cost.
  const clock: Clock = { ...systemClock, nowMs: () => (nowMs += 2000) };
  open = await openHouse();
  locked = await openHouse({ http: { auth }, clock, routes: [POST, SOCKET] });
  for (const house of [open, locked]) {
    await mkdir(house.webDir);
    await writeFile(join(house.webDir, 'index.html'), 'page');
    const folder = await addEvent(house, 'ready', { files: { 'snapshot.jpg': 'picture' } });
    for (const place of [house.dir, join(house.dir, 'data'), folder, join(folder, '..')])
      await writeFile(join(place, 'secret.txt'), SECRET);
    await writeFile(join(house.webDir, '.secret'), SECRET);
  }
  const { store, webDir } = open;
  const stream = new EventStream({ cameras: () => [] });
  stream.close();
  const sources = { events: store, cameras: () => [CAMERA], health: () => ({ ok: true, reasons: [] }), why: () => undefined };
  routes = routesOf(sources, { stream, holds: new Holds(1), webDir, baseUrl: '', clock: systemClock });
});
afterAll(async () => {
  for (const house of [locked, open]) await house[Symbol.asyncDispose]();
});

interface Asking {
  readonly method?: string | undefined;
  readonly path: string;
  readonly headers?: Headers | undefined;
}

/** Everything as it is written; of an answer without an end, its beginning. */
async function ask({ url }: House, { method = 'GET', path, headers = {} }: Asking): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      let body = '';
      const over = (): void => {
        resolve({ status, body });
        response.destroy();
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
        if (path.includes('stream')) over();
      });
      response.on('end', over);
    });
    request.on('upgrade', ({ statusCode = 0 }, taken) => {
      taken.destroy();
      resolve({ status: statusCode, body: '' });
    });
    request.on('error', reject).end();
  });
}

const placeOf = (path: string): string =>
  path.replace(':id', ID).replace(':camera', CAMERA.name).replace(':file', '00000.m4s').replace('/*', '/');

/** Those forms that were not answered with this status, and how they were. */
async function others(status: number, askings: readonly (Asking & { house: House })[]): Promise<unknown[]> {
  const odd: unknown[] = [];
  for (const { house, ...asking } of askings) {
    const answer = await ask(house, asking);
    if (answer.status !== status || answer.body.includes(SECRET)) odd.push([asking, answer]);
  }
  return odd;
}

describe('without the password or the token', () => {
  it('no form of credentials opens any route', async () => {
    const askings = routes.flatMap(({ method, path }) =>
      CREDENTIALS.map((headers) => ({ house: locked, method, path: placeOf(path), headers })),
    );
    expect(askings.length).toBeGreaterThan(700);
    expect(await others(401, askings)).toEqual([]);
    const query = `?token=${auth.token}&access_token=${auth.token}&authorization=${encodeURIComponent(PASSWORD.authorization)}`;
    expect(
      await others(
        401,
        routes.map(({ method, path }) => ({ house: locked, method, path: placeOf(path) + query })),
      ),
    ).toEqual([]);
    expect(locked.store.event(ID)?.record).toBeDefined();
  });

  it('no odd path, and no method, is answered with more than the question', async () => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
    const askings = PATHS.flatMap((path) => methods.map((method) => ({ house: locked, method, path })));
    expect(await others(401, askings)).toEqual([]);
  });
});

describe('with the password', () => {
  it('an odd path gets nothing that is not served, and breaks nothing', async () => {
    for (const path of PATHS) {
      const { status, body } = await ask(locked, { path, headers: PASSWORD });
      expect([path, body.includes(SECRET), body.includes('"configHash"') && path.includes('event.json')]).toEqual([
        path,
        false,
        false,
      ]);
      expect([path, [200, 400, 404, 405, 414].includes(status)]).toEqual([path, true]);
    }
  });

  it('a stranger’s page changes nothing by any Origin, and opens no socket', async () => {
    expect(ORIGINS.length).toBeGreaterThanOrEqual(31);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const ways: Asking[] = [
      { method: 'POST', path: '/new/thing' },
      { path: '/new/socket', headers: upgrade },
    ];
    const by = (more: Headers): (Asking & { house: House })[] =>
      ways.map(({ method, path, headers }) => ({
        house: locked,
        method,
        path,
        headers: Object.assign({ host: 'cam.lan' }, PASSWORD, headers, more),
      }));
    expect(
      await others(
        403,
        ORIGINS.flatMap((origin) => by({ origin })),
      ),
    ).toEqual([]);
    const site = SITES.map((text) => ({ 'sec-fetch-site': text, origin: 'http://cam.lan' }));
    expect(await others(403, site.flatMap(by))).toEqual([]);
    // The same by our own page.
    const own = by({ origin: 'http://cam.lan' });
    expect(await Promise.all(own.map(async ({ house, ...asking }) => (await ask(house, asking)).status))).toEqual([200, 101]);
  });

  it('a stranger’s page changes no event, whatever its browser says of where it stands', async () => {
    const changing = routes.filter(({ right }) => right === 'change');
    const askings = changing.flatMap(({ method, path }) =>
      SITES.map((site) => ({ house: locked, method, path: placeOf(path), headers: { ...PASSWORD, 'sec-fetch-site': site } })),
    );
    expect(await others(403, askings)).toEqual([]);
    expect(locked.store.event(ID)?.record).toBeDefined();
  });
});

describe('where no password is set', () => {
  it('no foreign name is answered at any route', async () => {
    expect(HOSTS.length).toBeGreaterThanOrEqual(31);
    const askings = routes.flatMap(({ method, path }) =>
      HOSTS.map((host) => ({ house: open, method, path: placeOf(path), headers: { host } })),
    );
    expect(await others(421, askings)).toEqual([]);
    const forwarded = {
      host: 'evil.example',
      'x-forwarded-host': 'localhost',
      forwarded: 'host=localhost',
      'x-host': 'localhost',
    };
    expect(await others(421, [{ house: open, path: '/api/v1/events', headers: forwarded }])).toEqual([]);
    expect(open.store.event(ID)?.record).toBeDefined();
  });
});
