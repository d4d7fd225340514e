/** Upgrades as they come over the wire, with socket routes of the test's own. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/server/caller.ts';
import { HttpError } from '../../src/server/problem.ts';
import { type AskedSocket, type Route, socket, type TakenSocket } from '../../src/server/route.ts';
import { addEvent, type House, type HouseOptions, ID, openHouse, rawRequest, TestClip, until } from './house.ts';

const auth = { user: 'me', password: 'correct horse', token: 'a-token-of-enough-length' };
const PASSWORD = { authorization: `Basic ${Buffer.from('me:correct horse').toString('base64')}` };
const TOKEN = { authorization: `Bearer ${auth.token}` };
const HANDSHAKE = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

const callers: Caller[] = [];
const taken: TakenSocket[] = [];

/** Says hello to whom it is, then repeats what it hears. */
function echo({ caller, params, take }: AskedSocket<'name'>): void {
  if (params.name === 'nobody') throw new HttpError(404, 'There is no camera "nobody"');
  const got = take();
  callers.push(caller);
  taken.push(got);
  got.socket.write(`${HANDSHAKE}hello ${params.name}\n${got.head.toString()}`);
  got.socket.on('data', (data) => got.socket.write(data));
}

const ROUTES: readonly Route[] = [
  socket('/live/:name/echo', 'watch', echo),
  socket('/live/late', 'watch', async ({ take }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { socket: got, head } = take();
    got.write(HANDSHAKE);
    got.write(head);
    got.on('data', (data) => got.write(data));
  }),
  socket('/live/broken', 'watch', ({ take }) => {
    take();
    throw new Error('a bug');
  }),
];

let house: House;
const clients: Client[] = [];

async function openIt(options: HouseOptions = {}): Promise<void> {
  house = await openHouse({ routes: ROUTES, ...options });
}

beforeEach(() => {
  callers.length = 0;
  taken.length = 0;
});
afterEach(async () => {
  for (const { socket: one } of clients.splice(0)) one.destroy();
  await house[Symbol.asyncDispose]();
});

/** A connection that says what the test wants and keeps what it hears. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text = '';

  constructor(said: string) {
    this.socket = connect({ host: '127.0.0.1', port: Number(new URL(house.url).port), allowHalfOpen: true });
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.socket.on('error', () => undefined).on('end', () => this.socket.end());
    this.socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.text += chunk;
    });
    this.socket.write(said);
    clients.push(this);
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.text)?.[1]);
  }

  get body(): string {
    return this.text.slice(this.text.indexOf('\r\n\r\n') + 4);
  }
}

function upgrade(path: string, headers: Record<string, string> = {}, method = 'GET'): string {
  const all = { host: new URL(house.url).host, connection: 'Upgrade', upgrade: 'websocket', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

async function answered(path: string, headers: Record<string, string> = {}): Promise<Client> {
  const client = new Client(upgrade(path, headers));
  await until(() => client.text.includes('\r\n\r\n'));
  return client;
}

describe('a WebSocket', () => {
  it('gets its socket, what was sent behind the request, and its caller', async () => {
    await openIt();
    const client = new Client(`${upgrade('/live/front/echo')}first`);
    await until(() => client.text.includes('first'));
    expect(client.text).toBe(`${HANDSHAKE}hello front\nfirst`);
    client.socket.write('second');
    await until(() => client.text.endsWith('firstsecond'));
    expect(callers.map(({ proof }) => proof)).toEqual(['open']);
  });

  it('loses nothing where its route thinks before it takes it', async () => {
    await openIt();
    const client = new Client(`${upgrade('/live/late')}one `);
    client.socket.write('two ');
    await until(() => client.text.endsWith('one two '));
    client.socket.write('three');
    await until(() => client.text.endsWith('one two three'));
  });

  it.each([
    ['nobody known', {}, 401],
    ['a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['the password, by a program', PASSWORD, 101],
    ['the password, from our page', { ...PASSWORD, host: 'cam.lan:8080', origin: 'http://cam.lan:8080' }, 101],
    ['the password, from our page behind a proxy', { ...PASSWORD, host: '10.0.0.7', origin: 'https://cam.example' }, 101],
    [
      'the password, from our page as the browser says',
      { ...PASSWORD, origin: 'https://x', 'sec-fetch-site': 'same-origin' },
      101,
    ],
    ['the password, from another page', { ...PASSWORD, origin: 'http://evil.example' }, 403],
    ['the password, from a page without an origin', { ...PASSWORD, origin: 'null' }, 403],
    ['the password, from another page as the browser says', { ...PASSWORD, 'sec-fetch-site': 'cross-site' }, 403],
    ['the token, which no page sends unasked', { ...TOKEN, origin: 'http://evil.example' }, 101],
  ])('of %s: %s is %i', async (_name, headers, status) => {
    await openIt({ http: { auth, publicUrl: 'https://cam.example' } });
    expect((await answered('/live/front/echo', headers)).status).toBe(status);
  });

  it.each([
    ['another name', { host: 'evil.example', origin: 'http://evil.example' }, 421],
    ['another page', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ])('without credentials is refused to %s', async (_name, headers, status) => {
    await openIt();
    const client = await answered('/live/front/echo', headers);
    await client.closed;
    expect([client.status, JSON.parse(client.body)]).toEqual([status, expect.objectContaining({ status })]);
    expect(client.text).toContain('Content-Type: application/problem+json');
    expect(client.text).toContain('X-Content-Type-Options: nosniff');
  });

  it('is answered what its route throws before it takes it, and cut off afterwards', async () => {
    await openIt();
    const nobody = await answered('/live/nobody/echo');
    await nobody.closed;
    expect([nobody.status, nobody.body]).toEqual([404, expect.stringContaining('There is no camera')]);
    const broken = new Client(upgrade('/live/broken'));
    await broken.closed;
    expect(broken.text).toBe('');
  });

  it('is refused where too many are open, and welcome when one has gone', async () => {
    await openIt();
    const open = await Promise.all(Array.from({ length: 200 }, () => answered('/live/front/echo')));
    const refused = await answered('/live/front/echo');
    expect([refused.status, /Retry-After: (\d+)/.exec(refused.text)?.[1]]).toEqual([503, '10']);
    open[0]?.socket.destroy();
    await until(() => taken.some(({ socket: one }) => one.destroyed));
    expect((await answered('/live/front/echo')).status).toBe(101);
  });

  it('hears that the server closes, and is ended', async () => {
    await openIt();
    const client = await answered('/live/front/echo');
    taken[0]?.signal.addEventListener('abort', () => taken[0]?.socket.write('bye'));
    await house.server.close();
    await client.closed;
    expect(client.text).toContain('bye');
  });
});

describe('a request at the address of a WebSocket', () => {
  it('is told to upgrade, or that its method is not taken', async () => {
    await openIt();
    const plain = await rawRequest(house.url, { path: '/live/front/echo' });
    expect([plain.status, plain.headers.upgrade]).toEqual([426, 'websocket']);
    const post = await rawRequest(house.url, { path: '/live/front/echo', method: 'POST' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET']);
  });
});

describe('an upgrade that is not taken', () => {
  it.each(['websocket', 'h2c', 'tls/1.2'])('to "%s" is answered as the request that it also is', async (protocol) => {
    await openIt();
    const client = await answered('/api/v1/cameras', { upgrade: protocol });
    await client.closed;
    expect([client.status, client.text]).toEqual([200, expect.stringContaining('Connection: close')]);
    expect((await answered('/nothing', { upgrade: protocol })).status).toBe(404);
  });

  it('goes through the same trust', async () => {
    await openIt({ http: { auth } });
    expect((await answered('/api/v1/cameras')).status).toBe(401);
    expect((await answered('/api/v1/cameras', PASSWORD)).status).toBe(200);
  });

  it('gets a long answer whole', async () => {
    await openIt();
    const folder = await addEvent(house, 'ready');
    const bytes = randomBytes(8_000_000);
    await writeFile(join(folder, '00000.m4s'), bytes);
    const client = await answered(`/events/${ID}/00000.m4s`, { upgrade: 'h2c' });
    await client.closed;
    expect(Buffer.from(client.body, 'latin1').equals(bytes)).toBe(true);
  });

  it.each(['end', 'destroy'] as const)('is no longer waited for when the client leaves (%s)', async (leave) => {
    await openIt({ holdMs: 60_000 });
    const clip = new TestClip(await addEvent(house, 'open'));
    house.store.attach(ID, clip);
    const client = new Client(upgrade(`/events/${ID}/index.m3u8`, { upgrade: 'h2c' }));
    await until(() => clip.waiting === 1);
    client.socket[leave]();
    await until(() => clip.waiting === 0);
  });
});

describe('rubbish', () => {
  it.each([
    ['no host', 'GET /live/front/echo HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['no address', 'GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['half a code', 'GET /live/%zz/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['a tunnel', 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['bytes', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ])('is refused, and the next is served: %s', async (_name, said) => {
    await openIt();
    const client = new Client(said);
    await client.closed;
    expect(client.text).not.toContain(' 101 ');
    expect((await answered('/live/front/echo')).status).toBe(101);
  });

  it('that leaves at once, or in the middle, stops nobody', async () => {
    await openIt();
    for (const path of ['/live/front/echo', '/live/late', '/api/v1/events', '/api/v1/stream']) {
      const client = new Client(upgrade(path));
      await new Promise((resolve) => client.socket.write('more', resolve));
      client.socket.resetAndDestroy();
    }
    expect((await answered('/live/front/echo')).status).toBe(101);
  });

  it('that upgrades while an answer is still on its way is cut off', async () => {
    await openIt({ holdMs: 60_000 });
    const clip = new TestClip(await addEvent(house, 'open'));
    house.store.attach(ID, clip);
    const held = `GET /events/${ID}/index.m3u8 HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const client = new Client(held + upgrade('/live/front/echo'));
    await client.closed;
    expect(client.text).toBe('');
    await until(() => clip.waiting === 0);
    expect((await answered('/live/front/echo')).status).toBe(101);
  });

  it('that takes its socket and never reads does not keep the server from closing', async () => {
    await openIt();
    const client = await answered('/live/front/echo');
    client.socket.pause();
    taken[0]?.socket.write(Buffer.alloc(20_000_000));
    await house.server.close();
    client.socket.resume();
    await client.closed;
  });
});
