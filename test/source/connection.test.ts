import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { childrenOf, expectNoLeftovers } from '../leftovers.ts';
import { COUNTER_LUMA, MediaFolder } from '../media.ts';
import { type Noted, Watch } from './watch.ts';

expectNoLeftovers();

/** Characters that addresses, ffconcat scripts and shells treat in their own ways. */
const LOGIN = { user: 'admin', password: `p@ss'w#rd:1/2` };
const missing = await RtspCamera.missing();
const FRAMES = { record: { feed: 'frames' } } as const;

let media: MediaFolder;
let film: string;
let wideFilm: string;

beforeAll(async () => {
  media = await MediaFolder.open();
  film = await media.cameraFilm('camera.mkv', { size: { widthPx: 96, heightPx: 64 } });
  wideFilm = await media.cameraFilm('wide.mkv', { size: { widthPx: 128, heightPx: 64 } });
});
afterAll(async () => {
  await media[Symbol.asyncDispose]();
});

const kinds = (watch: Watch): string[] => watch.states.map(({ type }) => type);
const numbers = (noted: readonly Noted[]): number[] => noted.map(({ number }) => number);
const steps = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - values[i]!);

/** Until frames of both pipes came that were not there before. */
async function moreFrames(watch: Watch, count = 3): Promise<void> {
  const [detected, recorded] = [watch.detected.length + count, watch.recorded.length + count];
  await watch.until(() => watch.detected.length >= detected && watch.recorded.length >= recorded);
}

// They wait most of the time, so they wait together.
describe.skipIf(missing !== undefined)(
  `an RTSP camera${missing === undefined ? '' : ` (${missing})`}`,
  { concurrent: true },
  () => {
    it('gives frames without a gap, the same on both pipes', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: camera.url });
      await moreFrames(watch, 12);
      await watch.stop();
      expect(kinds(watch)).toEqual(['opened']);
      expect(watch.source.isLive).toBe(true);
      expect(watch.format.source).toEqual({ widthPx: 96, heightPx: 64, fps: 10, codec: 'h264' });
      expect(watch.format.record.fps).toBe(10);
      expect(numbers(watch.detected)).toEqual(watch.detected.map((_, i) => i));
      expect(numbers(watch.recorded)).toEqual(watch.recorded.map((_, i) => i));
      for (const { number, counter, ptsMs } of watch.detected) {
        const recorded = watch.recorded.find((frame) => frame.number === number * 2);
        if (recorded) expect({ counter, ptsMs }).toEqual({ counter: recorded.counter, ptsMs: recorded.ptsMs });
      }
    });

    it('comes at the pace of the clock, and wall time goes with it', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: camera.url });
      // What was sent while the decoder was still looking comes all at once.
      await moreFrames(watch, 12);
      const settled = watch.recorded.length;
      await moreFrames(watch, 10);
      const [first, last] = [watch.recorded[settled]!, watch.recorded.at(-1)!];
      const mediaMs = last.ptsMs - first.ptsMs;
      expect((last.atMs - first.atMs) / mediaMs).toBeGreaterThan(0.5);
      expect((last.atMs - first.atMs) / mediaMs).toBeLessThan(1.5);
      expect((last.nowMs - first.nowMs) / mediaMs).toBeGreaterThan(0.5);
    });

    it('with a login keeps its password to itself: not in any command line, not in the log', async () => {
      await using camera = await RtspCamera.start({ film, login: LOGIN });
      await using watch = new Watch({ ...FRAMES, input: camera.url });
      const argvs: string[] = [];
      const look = async (): Promise<void> => {
        const ours = (await childrenOf()).filter(({ argv }) => /^ff(mpeg|probe)$/.test(argv[0] ?? ''));
        argvs.push(...ours.map(({ argv }) => argv.join(' ')));
      };
      await expect
        .poll(async () => await look().then(() => argvs.some((argv) => argv.startsWith('ffprobe'))), { interval: 20 })
        .toBe(true);
      await moreFrames(watch);
      await look();
      await watch.stop();
      expect(argvs.some((argv) => argv.startsWith('ffmpeg') && argv.includes('pipe:3'))).toBe(true);
      for (const text of [...argvs, ...watch.logged, watch.source.shown, JSON.stringify(watch.states)]) {
        for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password)]) expect(text).not.toContain(secret);
      }
      expect(watch.source.shown).toContain(`***@127.0.0.1:${camera.port}/cam`);
    });

    it('that refuses the password is lost with that reason, said once', async () => {
      await using camera = await RtspCamera.start({ film, login: LOGIN });
      await using watch = new Watch({ ...FRAMES, input: camera.url.replace('p%40ss', 'w%40ong') });
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toContain(`${watch.source.shown} refused the user name or password; not tried again until `);
      expect(watch.logged.filter((line) => line.includes('camera lost'))).toHaveLength(1);
      expect(watch.logged.join('')).not.toContain('w@ong');
      expect(watch.logged.join('')).not.toContain('w%40ong');
    });

    it('that has no such stream is lost with that reason', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: camera.url.replace('/cam', '/other') });
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toContain('/other is reached but has no stream of this name');
    });

    it('that is switched on later is found then; until then it refused the connection', async () => {
      const early = await RtspCamera.start({ film });
      await early.kill();
      await using watch = new Watch({ ...FRAMES, input: early.url });
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toBe(`${early.url} refused the connection`);
      await using _camera = await RtspCamera.start({ film, port: early.port });
      await moreFrames(watch);
      expect(kinds(watch)).toEqual(['lost', 'opened']);
      expect(watch.detected[0]!.number).toBe(0);
    });

    it('that is restarted is lost, then back with a gap in time, and told when its picture has changed', async () => {
      const first = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: first.url });
      await moreFrames(watch);
      await first.kill();
      await watch.until(() => watch.lost.length === 1);
      const second = await RtspCamera.start({ film, port: first.port });
      await moreFrames(watch);
      await second.kill();
      await watch.until(() => watch.lost.length === 2);
      await using _third = await RtspCamera.start({ film: wideFilm, port: first.port });
      await moreFrames(watch);
      await watch.stop();

      expect(kinds(watch)).toEqual(['opened', 'lost', 'opened', 'lost', 'opened']);
      expect(watch.opened.map(({ formatChanged }) => formatChanged)).toEqual([true, false, true]);
      expect(watch.format.source.widthPx).toBe(128);
      expect(steps(numbers(watch.detected)).filter((step) => step > 1)).toHaveLength(2);
      expect(steps(numbers(watch.detected)).filter((step) => step < 1)).toEqual([]);
      expect(steps(numbers(watch.recorded)).filter((step) => step < 1)).toEqual([]);
      expect(steps(watch.recorded.map(({ ptsMs }) => ptsMs)).filter((step) => step <= 0)).toEqual([]);
    });

    it('that freezes is noticed by its silence, and is back when it thaws', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: camera.url });
      await moreFrames(watch);
      camera.freeze();
      await watch.until(() => watch.lost.length > 0);
      expect(watch.lost[0]!.reason).toMatch(/ went silent for [3-9]\.\d s$/);
      camera.thaw();
      await moreFrames(watch);
      expect(kinds(watch)).toEqual(['opened', 'lost', 'opened']);
      expect(Math.max(...steps(numbers(watch.detected)))).toBeGreaterThan(14);
    });

    it('may be left at any time', async () => {
      await using camera = await RtspCamera.start({ film });
      await using watch = new Watch({ ...FRAMES, input: camera.url });
      await watch.stop();
      await using later = new Watch({ ...FRAMES, input: camera.url });
      await moreFrames(later, 1);
      await later.stop();
      expect(kinds(later)).toEqual(['opened']);
    });
  },
);

describe.concurrent('an HTTP camera', () => {
  it.each([
    { status: 401, says: 'refused the user name or password' },
    { status: 403, says: 'refused the user name or password' },
    { status: 404, says: 'is reached but has no stream of this name' },
    { status: 503, says: 'answered with an error of its own' },
  ])('that answers $status $says', async ({ status, says }) => {
    await using http = await HttpCamera.start((_, response) => void response.writeHead(status).end());
    await using watch = new Watch({ input: http.url });
    await watch.until(() => watch.lost.length > 0);
    expect(watch.lost[0]!.reason.split(';')[0]).toBe(`${http.url} ${says}`);
  });

  it('gives frames, and is tried again when it ends the stream, told to repeat or not', async () => {
    const bytes = await readFile(await media.counter('stream.mkv', { fps: 10, frames: 30 }));
    await using http = await HttpCamera.start((_, response) => void response.end(bytes));
    await using watch = new Watch({ input: http.url, loop: true });
    await watch.until(() => watch.opened.length === 2);
    expect(watch.lost[0]!.reason).toBe(`${http.url} ended the stream`);
    expect(watch.recorded[0]!.counter).toBe(0);
    expect(http.asked).toBeGreaterThan(2);
  });

  it('that sends JPEGs, which carry no time, gives them the time when they came', async () => {
    await using http = await HttpCamera.start((_, response) => void sendJpegs(response));
    await using watch = new Watch({ input: http.url });
    await moreFrames(watch, 8);
    const settled = watch.recorded.length;
    await moreFrames(watch, 12);
    const [first, last] = [watch.recorded[settled]!, watch.recorded.at(-1)!];
    expect(watch.format.source.codec).toBe('mjpeg');
    const counted = (last.counter - first.counter + 64) % 64;
    const fps = (counted * 1000) / (last.ptsMs - first.ptsMs);
    expect(fps).toBeGreaterThan(7);
    expect(fps).toBeLessThan(14);
  });

  it('that has sound before it has pictures is tried again', async () => {
    const sound = await readFile(await media.make('-f', 'lavfi', '-i', 'sine=duration=1', 'sound.mkv'));
    const pictures = await readFile(await media.counter('pictures.mkv', { fps: 10, frames: 30 }));
    await using http = await HttpCamera.start((i, response) => void response.end(i < 2 ? sound : pictures));
    await using watch = new Watch({ input: http.url });
    await watch.until(() => watch.opened.length > 0);
    expect(watch.lost[0]!.reason).toBe(`${http.url} has no video in it`);
  });

  it('that says nothing can be left', async () => {
    await using http = await HttpCamera.start(() => undefined);
    await using watch = new Watch({ input: http.url });
    await expect.poll(() => http.asked).toBeGreaterThan(0);
    await watch.stop();
    expect(watch.states).toEqual([]);
  });
});

/** Ten pictures a second of a counter film, until the viewer leaves. */
async function sendJpegs(response: ServerResponse): Promise<void> {
  const source = `color=c=black:size=96x64:rate=10,geq=lum=${COUNTER_LUMA}:cb=128:cr=128`;
  const args = ['-v', 'quiet', '-nostdin', '-re', '-f', 'lavfi', '-i', source, '-q:v', '2', '-f', 'mpjpeg', 'pipe:1'];
  await using sender = await Child.start({ name: 'sender', command: 'ffmpeg', args, stdin: 'ignore', dieWithParent: true });
  response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=ffmpeg' });
  response.once('close', () => void sender.stop());
  await pipeline(sender.stdout, response).catch(() => undefined);
}

/** An HTTP server on a free loopback port; `answer` gets the number of the request, from 0. */
class HttpCamera implements AsyncDisposable {
  asked = 0;
  readonly #server: Server;

  static async start(answer: (i: number, response: ServerResponse) => void): Promise<HttpCamera> {
    const server = createServer((_request, response) => {
      answer(camera.asked, response);
      camera.asked += 1;
    });
    const camera = new HttpCamera(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return camera;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/video`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
