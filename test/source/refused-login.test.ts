import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../fake-clock.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { MediaFolder } from '../media.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { Watch } from './watch.ts';

expectNoLeftovers();

const missing = await RtspCamera.missing();
const LOGIN = { user: 'admin', password: 'right' };

let media: MediaFolder;
let film: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.cameraFilm('camera.mkv', { size: { widthPx: 96, heightPx: 64 } });
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

/** A camera, and how often somebody came to it. */
interface Counted extends AsyncDisposable {
  readonly url: string;
  readonly connections: () => number;
}

async function counted(server: Server, url: (port: number) => string, close?: () => Promise<void>): Promise<Counted> {
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: url((server.address() as AddressInfo).port),
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await close?.();
    },
  };
}

/** The real RTSP camera behind a wire on which connections are counted. */
async function rtspCamera(password: string): Promise<Counted> {
  const camera = await RtspCamera.start({ film, login: LOGIN });
  const wire = createServer((socket) => {
    const inner = connect(camera.port, '127.0.0.1');
    for (const [from, to] of [
      [socket, inner],
      [inner, socket],
    ] as const)
      from
        .on('data', (data) => to.write(data))
        .on('error', () => to.destroy())
        .on('close', () => to.destroy());
  });
  return await counted(
    wire,
    (port) => `rtsp://admin:${password}@127.0.0.1:${port}/cam`,
    async () => await camera.kill(),
  );
}

async function httpCamera(status: number, challenge: string): Promise<Counted> {
  const server = createHttpServer((_, response) => {
    response.writeHead(status, { 'www-authenticate': challenge, 'content-length': 0, connection: 'close' }).end();
  });
  return await counted(server, (port) => `http://admin:wrong@127.0.0.1:${port}/video`);
}

const CAMERAS: { what: string; open: () => Promise<Counted>; needsRtsp?: boolean }[] = [
  { what: 'an RTSP camera', open: async () => await rtspCamera('wrong'), needsRtsp: true },
  { what: 'an HTTP camera (Basic)', open: async () => await httpCamera(401, 'Basic realm="cam"') },
  { what: 'an HTTP camera (Digest)', open: async () => await httpCamera(401, 'Digest realm="cam", nonce="n1", qop="auth"') },
  { what: 'an HTTP camera that forbids', open: async () => await httpCamera(403, 'Basic realm="cam"') },
];

describe('a login that is refused', () => {
  it.each(CAMERAS.filter(({ needsRtsp }) => !needsRtsp || missing === undefined))(
    'by $what is tried again after 30 s, then every 5 min, and said so once',
    async ({ open }) => {
      await using camera = await open();
      const clock = new FakeClock();
      await using watch = new Watch({ input: camera.url, clock });
      const perTry: number[] = [];
      let before = 0;
      for (const waitMs of [30_000, 300_000, 300_000]) {
        await expect.poll(() => clock.sleptMs.length, { timeout: 15_000 }).toBe(perTry.length + 1);
        perTry.push(camera.connections() - before);
        before = camera.connections();
        expect(clock.sleptMs.at(-1)).toBe(waitMs);
        const until = new Date(clock.atMs() + waitMs).toLocaleTimeString('sv-SE');
        expect(watch.lost.at(-1)!.reason).toBe(
          `${watch.source.shown} refused the user name or password; not tried again until ${until}, lest it lock the account`,
        );
        clock.pass(waitMs - 1);
        await new Promise((resolve) => setTimeout(resolve, 100));
        expect(camera.connections()).toBe(before);
        clock.pass(1);
      }
      for (const connections of perTry) expect(connections).toBeLessThanOrEqual(2);
      expect(watch.logged.filter((line) => line.includes('camera lost'))).toHaveLength(1);
    },
  );

  it.skipIf(missing !== undefined)('does not hold up who comes with the right one: it is in at once', async () => {
    await using camera = await rtspCamera('wrong');
    const clock = new FakeClock();
    await using wrong = new Watch({ input: camera.url, clock });
    await expect.poll(() => clock.sleptMs, { timeout: 15_000 }).toEqual([30_000]);
    await wrong.stop();
    await using right = new Watch({ input: camera.url.replace('wrong', 'right') });
    await right.until(() => right.opened.length > 0);
    expect(right.lost).toEqual([]);
  });

  it('counts from the first one, whatever else fails in between', async () => {
    const answers = [401, 500, 401];
    let asked = 0;
    const server = createHttpServer((request, response) => {
      const status = answers[Math.min(asked, answers.length - 1)]!;
      if (request.headers.authorization !== undefined || status === 500) asked += 1;
      response.writeHead(status, { 'www-authenticate': 'Basic realm="cam"', 'content-length': 0, connection: 'close' }).end();
    });
    await using camera = await counted(server, (port) => `http://admin:wrong@127.0.0.1:${port}/video`);
    const clock = new FakeClock();
    await using watch = new Watch({ input: camera.url, clock });
    for (let i = 1; i <= 3; i += 1) {
      await expect.poll(() => clock.sleptMs.length, { timeout: 15_000 }).toBe(i);
      clock.pass(clock.sleptMs[i - 1]!);
    }
    expect([clock.sleptMs[0], clock.sleptMs[2]]).toEqual([30_000, 300_000]);
    expect(watch.lost).toHaveLength(3);
  });
});
