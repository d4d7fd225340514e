/** Every route of the list, asked by every kind of caller: what is answered stands in one table. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { WhyAnswer } from '../../src/messages/why.ts';
import { EventStream } from '../../src/server/api/sse.ts';
import { Holds } from '../../src/server/clip/hold.ts';
import type { Route } from '../../src/server/route.ts';
import { routesOf } from '../../src/server/routes.ts';
import { HlsClip } from '../media/fmp4/hls-clip.ts';
import { addEvent, CAMERA, type House, ID, openHouse } from './house.ts';

/**
 * Without credentials: a program, our page, another site's page, somebody who asks for another name.
 * With credentials: none given, wrong ones, the password, the token; the password from our page and from another site's.
 */
const TABLE = `
method path                           right  | open own site name | none wrong pass token own site
GET    /api/v1/events                 watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /api/v1/events/:id             watch  | 200  200 200  421  | 401  401   200  200   200 200
DELETE /api/v1/events/:id             change | 204  204 403  421  | 401  401   204  204   204 403
PUT    /api/v1/events/:id/protected   change | 200  200 403  421  | 401  401   200  200   200 403
DELETE /api/v1/events/:id/protected   change | 200  200 403  421  | 401  401   200  200   200 403
GET    /api/v1/cameras                watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /api/v1/cameras/:camera/why    watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /api/v1/stream                 watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /api/v1/health                 health | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/index.m3u8         watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/manifest.mpd       watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/clip.mp4           watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/snapshot.jpg       watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/thumb.webp         watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/detections.json    watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /events/:id/:file              watch  | 200  200 200  421  | 401  401   200  200   200 200
GET    /*                             page   | 200  200 200  421  | 401  401   200  200   200 200
`.trim();

/** What a path takes is what it says it takes. */
const TAKEN = `
/api/v1/events                 GET, HEAD
/api/v1/events/:id             GET, HEAD, DELETE
/api/v1/events/:id/protected   PUT, DELETE
/api/v1/cameras                GET, HEAD
/api/v1/cameras/:camera/why    GET, HEAD
/api/v1/stream                 GET, HEAD
/api/v1/health                 GET, HEAD
/events/:id/index.m3u8         GET, HEAD
/events/:id/manifest.mpd       GET, HEAD
/events/:id/clip.mp4           GET, HEAD
/events/:id/snapshot.jpg       GET, HEAD
/events/:id/thumb.webp         GET, HEAD
/events/:id/detections.json    GET, HEAD
/events/:id/:file              GET, HEAD
/*                             GET, HEAD
`.trim();

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const auth = { user: 'me', password: 'correct horse', token: 'a-token-of-enough-length' };
const password = { authorization: `Basic ${Buffer.from('me:correct horse').toString('base64')}` };
const ownPage = { 'sec-fetch-site': 'same-origin' };
const otherSite = { 'sec-fetch-site': 'cross-site' };

interface Kind {
  readonly name: string;
  readonly headers: Record<string, string>;
}

const WITHOUT: readonly Kind[] = [
  { name: 'open', headers: {} },
  { name: 'own', headers: ownPage },
  { name: 'site', headers: otherSite },
  { name: 'name', headers: { host: 'evil.example' } },
];
const WITH: readonly Kind[] = [
  { name: 'none', headers: {} },
  { name: 'wrong', headers: { authorization: 'Bearer wrong' } },
  { name: 'pass', headers: password },
  { name: 'token', headers: { authorization: `Bearer ${auth.token}` } },
  { name: 'own', headers: { ...password, ...ownPage } },
  { name: 'site', headers: { ...password, ...otherSite } },
];

const WHY: WhyAnswer = {
  camera: CAMERA.name,
  at: '2026-11-20T10:00:00.000Z',
  from: '2026-11-20T10:00:00.000Z',
  to: '2026-11-20T10:00:00.000Z',
  knownSince: '2026-11-20T09:00:00.000Z',
  rules: { minScore: 0.3, startScore: 0.4, hits: 3, window: 5, labels: ['person'] },
  summary: 'Nobody.',
  entries: [],
};

let clip: HlsClip;
let open: House;
let locked: House;
let routes: readonly Route[];

beforeAll(async () => {
  clip = await HlsClip.open();
  await clip.encode({ seconds: 1 });
  let nowMs = 0;
  // Time heals what wrong tries cost.
  const clock: Clock = { ...systemClock, nowMs: () => (nowMs += 2000) };
  open = await openHouse({ why: () => WHY });
  locked = await openHouse({ why: () => WHY, http: { auth }, clock });
  for (const { webDir } of [open, locked]) {
    await mkdir(webDir);
    await writeFile(join(webDir, 'index.html'), 'page');
  }
  routes = listOf(open);
});
afterAll(async () => {
  for (const one of [locked, open, clip]) await one[Symbol.asyncDispose]();
});

/** The list as a server of this house makes it. */
function listOf({ store, webDir }: House): Route[] {
  const stream = new EventStream({ cameras: () => [] });
  stream.close();
  const sources = { events: store, cameras: () => [CAMERA], health: () => ({ ok: true, reasons: [] }), why: () => WHY };
  return routesOf(sources, { stream, holds: new Holds(1), webDir, baseUrl: '', clock: systemClock });
}

/** The event is there again before whoever may change it asks. */
async function recorded(house: House): Promise<void> {
  const folder = await addEvent(house, 'ready', { files: { 'snapshot.jpg': 'picture', 'thumb.webp': 'thumb' } });
  for (const name of await readdir(clip.folder)) await copyFile(join(clip.folder, name), join(folder, name));
  await writeFile(join(folder, 'index.m3u8'), clip.playlist);
}

function addressOf(path: string): string {
  return path.replace(':id', ID).replace(':camera', CAMERA.name).replace(':file', '00000.m4s').replace('/*', '/');
}

interface Asking {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
}

/** Leaves as soon as it is answered: a stream would never end. */
async function ask({ url }: House, { method, path, headers = {} }: Asking): Promise<{ status: number; allow: string }> {
  const { hostname, port } = new URL(url);
  const options = { hostname, port, path: addressOf(path), method, headers, agent: false };
  return await new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      resolve({ status: response.statusCode ?? 0, allow: response.headers.allow ?? '' });
      response.destroy();
    });
    request.on('error', reject).end();
  });
}

/** One line of the table, its columns as wide as in the head. */
async function lineOf({ method, path, right }: Route): Promise<string> {
  const cells: string[] = [];
  for (const [house, kinds] of [
    [open, WITHOUT],
    [locked, WITH],
  ] as const) {
    cells.push('|');
    for (const { name, headers } of kinds) {
      if (path.includes(':id')) await recorded(house);
      const { status } = await ask(house, { method, path, headers });
      cells.push(String(status).padEnd(name.length));
    }
  }
  return [method.padEnd(6), path.padEnd(30), right.padEnd(6), ...cells].join(' ');
}

const names = (kinds: readonly Kind[]): string => kinds.map(({ name }) => name).join(' ');

describe('the list of routes', () => {
  it('answers every kind of caller as the table says', async () => {
    const lines: string[] = [];
    for (const route of routes) lines.push((await lineOf(route)).trimEnd());
    const head = `${'method path'.padEnd(37)} right  | ${names(WITHOUT)} | ${names(WITH)}`;
    expect([head, ...lines].join('\n')).toBe(TABLE);
  });

  it('tells a method that a path does not take which it does', async () => {
    const lines: string[] = [];
    for (const path of new Set(routes.map((route) => route.path))) {
      await recorded(open);
      const { allow } = await ask(open, { method: 'PATCH', path });
      lines.push(`${path.padEnd(30)} ${allow}`);
      const refused = METHODS.filter((method) => !allow.split(', ').includes(method));
      for (const method of refused)
        expect([path, method, await ask(open, { method, path })]).toEqual([path, method, { status: 405, allow }]);
    }
    expect(lines.join('\n')).toBe(TAKEN);
  });

  it('answers HEAD wherever it answers GET', async () => {
    await recorded(open);
    for (const { method, path } of routes) {
      if (method === 'GET') expect([path, (await ask(open, { method: 'HEAD', path })).status]).toEqual([path, 200]);
    }
  });
});
