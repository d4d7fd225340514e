/** A camera that comes back without its sound, and then with it: a real RTSP server, and the page in Chromium. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { type Clips, complaints, cutClips } from './media.ts';
import { Subscriber } from './mqtt.ts';

const cannotServe = await RtspCamera.missing();

let clips: Clips;
let film: string;

beforeAll(async () => {
  clips = await cutClips();
  film = join(clips.folder, 'quick.mkv');
  const sound = ['-f', 'lavfi', '-i', 'sine=r=48000', '-map', '0:v', '-map', '1:a', '-c:a', 'aac'];
  const argv = ['-stream_loop', '3', '-i', clips.quick, ...sound, '-t', '36', '-c:v', 'copy', film];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', ...argv]);
});
afterAll(async () => await clips[Symbol.asyncDispose]());

function config(input: string, event: object) {
  return { args: ['run'], config: { cameras: [{ name: 'yard', input, event }] } };
}

describe.skipIf(cannotServe !== undefined)(`sound that changes${cannotServe === undefined ? '' : ` (${cannotServe})`}`, () => {
  it('plays through, with the sound that there was, when a camera comes back without sound and then with it', {
    timeout: 120_000,
  }, async () => {
    await using view = await View.open();
    const event = { preRollMs: 1000, postRollMs: 12_000 };
    const first = await RtspCamera.start({ film, audio: 'aac' });
    await using lookout = await Lookout.start(config(first.url, event));
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    const live = await subscriber.alert('live');
    await using mute = await comesBack(lookout, first, {});
    await using _again = await comesBack(lookout, mute, { audio: 'aac' });
    await lookout.signal('SIGINT');
    const ready = await subscriber.alert('ready', { id: live.id });
    await lookout.exited;
    const name = (await readdir(lookout.dataDir, { recursive: true })).find((one) => one.endsWith(`${live.id}/index.m3u8`))!;
    expect(await complaints(join(lookout.dataDir, name))).toBe('');
    await using again = await Lookout.start({ ...config(first.url, event), folder: lookout.folder });
    await view.page.goto(again.url);
    await view.page.locator('[data-testid="event-card"][data-state="ready"]').last().click();
    await untilEnd(view, ready.durationMs!);
    const of = `${again.url}/events/${live.id}`;
    const manifest = await (await fetch(`${of}/manifest.mpd`)).text();
    expect([manifest.match(/<Period /g)?.length, manifest.match(/codecs="mp4a/g)?.length]).toEqual([1, 1]);
    expect(await complaints(`${of}/clip.mp4`)).toBe('');
    await view.page.evaluate(`(() => {
      const video = document.querySelector('video').cloneNode();
      video.muted = true; video.src = '${of}/clip.mp4'; video.playbackRate = 4;
      document.body.replaceChildren(video);
      return video.play();
    })()`);
    await untilEnd(view, ready.durationMs!);
  });
});

/** The camera is gone and another one stands in its place, for four seconds. */
async function comesBack(lookout: Lookout, before: RtspCamera, more: { audio?: 'aac' }): Promise<RtspCamera> {
  const lostAt = lookout.lines.items.length;
  await before.kill();
  await lookout.line('camera lost', lostAt);
  const at = lookout.lines.items.length;
  const camera = await RtspCamera.start({ film, port: before.port, ...more });
  await lookout.line('camera online', at);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  return camera;
}

async function untilEnd({ page }: View, durationMs: number): Promise<void> {
  const look = `(({ ended, error, currentTime }) => ({ hasEnded: ended || error !== null, error: error?.message, currentTime }))(
    document.querySelector('video'))`;
  const now = async () => await page.evaluate<{ hasEnded: boolean; error?: string; currentTime: number }>(look);
  await until(async () => (await now()).hasEnded, { what: 'the end of the clip', withinMs: 60_000 });
  const { error, currentTime } = await now();
  expect(error).toBeUndefined();
  expect(currentTime).toBeGreaterThan(durationMs / 1000 - 0.5);
}
