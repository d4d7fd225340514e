/** Cameras that come, go and are replaced while others run: real ones, with a real broker, a real model and a real disk. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, runApp } from '../../src/app/app.ts';
import type { Cameras } from '../../src/app/cameras.ts';
import { type CameraConfig, configSchema } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Clips, cutClips } from '../e2e/media.ts';
import { childrenOf, expectNoLeftovers } from '../leftovers.ts';
import { Mosquitto } from '../publisher/mosquitto.ts';
import { readableLog, Subscriber, until } from '../publisher/harness.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { tempFolder } from '../store/folder.ts';

expectNoLeftovers();

const exec = promisify(execFile);
const cannotServe = await RtspCamera.missing();
const EVENT = { preRollMs: 1000, postRollMs: 2000 };

let clips: Clips;
let film: string;

beforeAll(async () => {
  clips = await cutClips();
  film = join(clips.folder, 'quick.mkv');
  await exec('ffmpeg', ['-v', 'error', '-nostdin', '-stream_loop', '20', '-i', clips.quick, '-an', '-c:v', 'copy', film]);
});
afterAll(async () => await clips[Symbol.asyncDispose]());

function cameraOf(name: string, input: string, more: object = {}): CameraConfig {
  const [camera] = configSchema.parse({ cameras: [{ name, input, event: EVENT, ...more }] }).cameras;
  if (!camera) throw new Error('Expected a camera');
  return camera;
}

/** The whole app in this process, until the test leaves its scope. */
async function house(url: string, cameras: readonly CameraConfig[]) {
  const data = await tempFolder();
  const { log, lines } = readableLog('debug');
  const stop = new AbortController();
  const config = configSchema.parse({
    cameras: cameras.map(({ name, input }) => ({ name, input, event: EVENT })),
    mqtt: { url },
    http: { listen: '127.0.0.1:0' },
    storage: { dir: data.dir },
  });
  let running: Promise<void> = Promise.resolve();
  const app = await new Promise<RunningApp>((onReady, reject) => {
    running = runApp({ config, stdin: process.stdin, clock: systemClock, log, onReady }, stop.signal);
    running.catch(reject);
  });
  return {
    ...app,
    lines,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await data[Symbol.asyncDispose]();
    },
  };
}

const isOnline = (cameras: Cameras, name: string): boolean => cameras.find(name)?.state.status.state === 'online';

/** What a subscriber finds who comes now. */
async function retainedTopics(url: string): Promise<string[]> {
  await using late = await Subscriber.open(url);
  // What is retained comes before what is said now.
  late.say('lookout/test', Buffer.from('now'));
  await until(() => late.texts('lookout/test').length > 0);
  return [...late.retained().keys()];
}

/** ffmpegs that have this address open. */
async function ffmpegs(): Promise<number> {
  return (await childrenOf()).filter(({ argv }) => argv.some((word) => word.endsWith('ffmpeg'))).length;
}

describe.skipIf(cannotServe !== undefined)(`cameras${cannotServe === undefined ? '' : ` (${cannotServe})`}`, () => {
  it('come and go while another one runs, and leave nothing behind', async () => {
    await using broker = await Mosquitto.start();
    await using front = await RtspCamera.start({ film });
    await using back = await RtspCamera.start({ film });
    await using lookout = await house(broker.url, [cameraOf('front', front.url)]);
    await using subscriber = await Subscriber.open(broker.url);
    const { cameras, url = '' } = lookout;
    await until(() => isOnline(cameras, 'front'));
    const alone = await ffmpegs();
    const frontSince = cameras.find('front')?.state.status.since;

    const added = await cameras.add(cameraOf('back', back.url));
    await expect(cameras.add(cameraOf('back', back.url))).rejects.toThrow('There is a camera "back" already');
    await until(() => subscriber.alerts.some(({ camera, type }) => camera === 'back' && type === 'live'));
    const named = async (): Promise<string[]> => {
      const answer = await fetch(`${url}/api/v1/cameras`);
      return ((await answer.json()) as { cameras: { name: string }[] }).cameras.map(({ name }) => name);
    };
    expect(await named()).toEqual(['front', 'back']);

    expect(await cameras.remove('back')).toBe(true);
    expect(await cameras.remove('back')).toBe(false);
    // Its event is ended and told of, its clip complete.
    const told = subscriber.alerts.filter(({ camera }) => camera === 'back');
    await until(() => subscriber.alerts.some(({ camera, type }) => camera === 'back' && type === 'ready'));
    expect(told.length).toBeGreaterThan(0);
    expect(subscriber.alerts.findLast(({ camera, type }) => camera === 'back' && type === 'end')?.reason).toBe('stopped');
    // Nothing of it is left: topics, process, entry.
    await expect.poll(async () => (await retainedTopics(broker.url)).filter((topic) => topic.includes('/back/'))).toEqual([]);
    expect(await named()).toEqual(['front']);
    expect(await ffmpegs()).toBe(alone);
    expect(added.left.aborted).toBe(true);
    // And the other one did not notice.
    expect(cameras.find('front')?.state.status.since).toBe(frontSince);
    const { pictures } = cameras.find('front')?.pipeline.figures.counters ?? { pictures: Infinity };
    await until(() => (cameras.find('front')?.pipeline.figures.counters.pictures ?? 0) > pictures);
  });

  it('are replaced by themselves with other settings: the event ends, its topics stay', async () => {
    await using broker = await Mosquitto.start();
    await using front = await RtspCamera.start({ film });
    await using lookout = await house(broker.url, [cameraOf('front', front.url)]);
    await using subscriber = await Subscriber.open(broker.url);
    const { cameras } = lookout;
    await until(() => subscriber.alerts.some(({ type }) => type === 'live'));
    const before = cameras.find('front');
    const after = await cameras.replace(cameraOf('front', front.url, { event: { ...EVENT, postRollMs: 3000 } }));
    expect(after.hash).not.toBe(before?.hash);
    expect(before?.left.aborted).toBe(true);
    expect(cameras.find('front')).toBe(after);
    expect(cameras.size).toBe(1);
    await until(() => isOnline(cameras, 'front'));
    const first = subscriber.alerts[0]?.id;
    await until(() => subscriber.alerts.some(({ id, type }) => id === first && type === 'ready'));
    // The next visit is told of by the new one.
    await until(() => subscriber.alerts.some(({ id, type }) => id !== first && type === 'start'));
    expect(await retainedTopics(broker.url)).toContain('lookout/front/status');
  });

  it('change one after the other, in the order in which it was asked for', async () => {
    await using broker = await Mosquitto.start();
    await using front = await RtspCamera.start({ film });
    await using lookout = await house(broker.url, [cameraOf('front', front.url)]);
    const { cameras } = lookout;
    const before = cameras.find('front');
    const changes = [
      cameras.replace(cameraOf('front', front.url, { event: { ...EVENT, postRollMs: 3000 } })),
      cameras.remove('front'),
      cameras.remove('front'),
      cameras.add(cameraOf('front', front.url)),
    ] as const;
    const [replaced, isRemoved, isRemovedAgain, added] = await Promise.all(changes);
    expect([isRemoved, isRemovedAgain]).toEqual([true, false]);
    expect([before?.left.aborted, replaced.left.aborted, added.left.aborted]).toEqual([true, true, false]);
    expect([...cameras]).toEqual([added]);
    await until(() => isOnline(cameras, 'front'));
    expect(await retainedTopics(broker.url)).toContain('lookout/front/status');
  });

  it('that can never work are refused, and the one before runs on', async () => {
    await using broker = await Mosquitto.start();
    await using front = await RtspCamera.start({ film });
    await using lookout = await house(broker.url, [cameraOf('front', front.url)]);
    const { cameras } = lookout;
    await until(() => isOnline(cameras, 'front'));
    const before = cameras.find('front');
    await expect(cameras.replace(cameraOf('front', 'gopher://x'))).rejects.toThrow('gopher');
    await expect(cameras.add(cameraOf('side', 'gopher://x'))).rejects.toThrow('gopher');
    await expect(cameras.add(cameraOf('side', front.url, { detect: { labels: ['unicorn'] } }))).rejects.toThrow('unicorn');
    expect([...cameras]).toEqual([before]);
    expect(isOnline(cameras, 'front')).toBe(true);
  });
});
