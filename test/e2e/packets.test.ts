/** Stories of a camera whose own packets are recorded: a real RTSP server plays a visit, with sound. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord, EventView } from '../../src/messages/event.ts';
import { parsePlaylist } from '../../src/media/hls-playlist.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { View } from './browser.ts';
import { until } from './feed.ts';
import { Lookout } from './lookout.ts';
import { type Clips, complaints, cutClips, probe } from './media.ts';
import { Subscriber } from './mqtt.ts';

const exec = promisify(execFile);
const cannotServe = await RtspCamera.missing();
const EVENT = { preRollMs: 1500, postRollMs: 2000 };

let clips: Clips;
let visit: string;
let quick: string;

/** Half a minute of a clip and a tone; `pictures` are flags of the encoder. */
async function filmOf(clip: string, name: string, pictures: readonly string[] = ['copy']): Promise<string> {
  const path = join(clips.folder, name);
  const sound = ['-f', 'lavfi', '-i', 'sine=r=48000', '-map', '0:v', '-map', '1:a', '-c:a', 'aac'];
  const argv = ['-stream_loop', '3', '-i', clip, ...sound, '-t', '36', '-c:v', ...pictures, path];
  await exec('ffmpeg', ['-v', 'error', '-nostdin', ...argv]);
  return path;
}

/** As a camera would: no B-frames, no key frames of its own choice. */
function encoded(...more: readonly string[]): string[] {
  return ['libx264', '-preset', 'veryfast', '-bf', '0', '-sc_threshold', '0', '-pix_fmt', 'yuv420p', ...more];
}

beforeAll(async () => {
  clips = await cutClips();
  visit = await filmOf(clips.visit, 'visit.mkv');
  quick = await filmOf(clips.quick, 'quick.mkv');
});
afterAll(async () => await clips[Symbol.asyncDispose]());

function config(input: string, more: object = {}) {
  return { args: ['run'], config: { cameras: [{ name: 'yard', input, event: EVENT, ...more }] } };
}

/** Files of events. */
async function written(lookout: Lookout): Promise<string[]> {
  const names = await readdir(join(lookout.dataDir, 'events'), { recursive: true });
  return names.filter((name) => /\.(m4s|mp4|m3u8|jpg|webp|json|jsonl)$/.test(name));
}

describe.skipIf(cannotServe !== undefined)(`a camera of packets${cannotServe === undefined ? '' : ` (${cannotServe})`}`, () => {
  it('is recorded as it is, without an encoder, and plays in the browser from its pre-roll, live and afterwards', async () => {
    await using view = await View.open();
    const { page } = view;
    await using camera = await RtspCamera.start({ film: visit, audio: 'aac' });
    await using lookout = await Lookout.start(config(camera.url));
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    await lookout.line('Records what the camera sends, untouched');
    await lookout.line('camera online');
    expect(await written(lookout)).toEqual([]);
    await page.goto(lookout.url);
    const card = page.getByTestId('event-card');
    await card.waitFor();
    await card.click();
    const video = page.getByTestId('player-video');
    await video.waitFor();
    const live = await subscriber.alert('live');
    expect(await lookout.roles()).not.toContain('encoder');
    const ready = await subscriber.alert('ready', { id: live.id });
    await until(async () => await video.evaluate((element: { ended: boolean }) => element.ended), {
      what: 'the end of the clip',
    });
    const { times, violations } = await view.noted();
    expect(times[0], 'it starts with the pre-roll').toBeLessThan(1);
    expect(times.at(-1)).toBeGreaterThan((ready.durationMs ?? 0) / 1000 - 0.5);
    expect(violations).toEqual([]);
    expect(view.troubles).toEqual([]);

    expect(live.preRollMs).toBeGreaterThanOrEqual(EVENT.preRollMs);
    expect(ready).toMatchObject({ preRollMs: live.preRollMs, droppedFrames: 0 });
    expect(ready.postRollMs).toBeGreaterThanOrEqual(EVENT.postRollMs);
    const record = await lookout.json<EventView>(`/api/v1/events/${live.id}`);
    expect(record.feed).toBe('packets');
    expect(await complaints(ready.urls.playlist)).toBe('');
    const { frames, width } = await probe(ready.urls.playlist);
    expect(Math.abs(frames * 100 - ready.durationMs!)).toBeLessThanOrEqual(100);
    expect(width).toBe(624);
    const { stdout } = await exec('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      ready.urls.playlist,
    ]);
    expect(stdout.split(/\s+/)).toContain('aac');
    const { stdout: size } = await exec('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=width',
      '-of',
      'csv=p=0',
      ready.urls.snapshot!,
    ]);
    expect(size.trim()).toBe('624');
  });

  it('loses nothing that it had when Lookout is killed: the next start closes the clip with every whole fragment', async () => {
    await using camera = await RtspCamera.start({ film: quick, audio: 'aac' });
    let folder = '';
    let before = { frames: 0, listed: 0 };
    let killedAtMs = 0;
    await using first = await Lookout.start({ ...config(camera.url), leavesLock: true });
    {
      await using subscriber = await Subscriber.open(first.mqttUrl);
      const live = await subscriber.alert('live');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      killedAtMs = Date.now();
      await first.signal('SIGKILL');
      await first.exited;
      const name = (await readdir(first.dataDir, { recursive: true })).find((one) => one.endsWith(`${live.id}/index.m3u8`))!;
      folder = join(first.dataDir, name, '..');
      const { segments } = parsePlaylist(await readFile(join(folder, 'index.m3u8'), 'utf8'));
      const files = (await readdir(folder)).filter((one) => one.endsWith('.m4s')).sort();
      const film = Buffer.concat(await Promise.all(['init.mp4', ...files].map(async (one) => await readFile(join(folder, one)))));
      const path = join(clips.folder, 'killed.mp4');
      await writeFile(path, film);
      before = { frames: (await probe(path)).frames, listed: segments.length };
      expect(files.length).toBeGreaterThan(segments.length);
    }
    await using second = await Lookout.start({ ...config(camera.url), folder: first.folder });
    await second.line('closed an event that the last run left open');
    const { segments, hasEnded } = parsePlaylist(await readFile(join(folder, 'index.m3u8'), 'utf8'));
    expect(hasEnded).toBe(true);
    expect(segments.length).toBe(before.listed + 1);
    expect(await complaints(join(folder, 'index.m3u8'))).toBe('');
    expect((await probe(join(folder, 'index.m3u8'))).frames).toBe(before.frames);
    const record = JSON.parse(await readFile(join(folder, 'event.json'), 'utf8')) as EventRecord;
    expect(record).toMatchObject({ state: 'ready', feed: 'packets', reason: 'restart' });
    const endAtMs = Date.parse(record.startedAt) - record.preRollMs! + record.durationMs!;
    expect(killedAtMs - endAtMs).toBeLessThan(1000);
  });

  it('plays with key frames ten seconds apart and sound that stalled, and can be sought in', async () => {
    await using view = await View.open();
    const { page } = view;
    await using camera = await RtspCamera.start({
      film: await filmOf(clips.quick, 'long.mkv', encoded('-g', '100')),
      audio: 'stalls',
    });
    await using lookout = await Lookout.start(config(camera.url));
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    const [start, live] = [await subscriber.alert('start'), await subscriber.alert('live')];
    expect(live.preRollMs).toBeGreaterThanOrEqual(EVENT.preRollMs);
    expect(Date.parse(live.at) - Date.parse(start.at), 'playable while its group of pictures goes on').toBeLessThan(5000);
    const ready = await subscriber.alert('ready', { id: start.id });
    expect(await complaints(ready.urls.playlist)).toBe('');
    await page.goto(ready.urls.page.replace(/#.*/, ''));
    await page.locator('[data-testid="event-card"][data-state="ready"]').last().click();
    const video = page.getByTestId('player-video');
    await until(async () => (await view.noted()).times.length > 3, { what: 'a picture' });
    for (const share of [0.9, 0.3, 0.6]) await seek(video, share);
    await until(async () => await video.evaluate((element: { ended: boolean }) => element.ended), {
      what: 'the end of the clip',
    });
    expect(view.troubles).toEqual([]);
  });

  it('goes on in the same clip when another one stands in its place, and plays across', async () => {
    await using view = await View.open();
    const other = await filmOf(clips.quick, 'other.mkv', encoded('-g', '20', '-profile:v', 'main'));
    const event = { preRollMs: 1000, postRollMs: 12_000 };
    const first = await RtspCamera.start({ film: quick, audio: 'aac' });
    await using lookout = await Lookout.start(config(first.url, { event }));
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    const live = await subscriber.alert('live');
    await first.kill();
    await lookout.line('camera lost');
    await using _second = await RtspCamera.start({ film: other, port: first.port, audio: 'aac' });
    const at = lookout.lines.items.length;
    await lookout.line('camera online', at);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await lookout.signal('SIGINT');
    const ready = await subscriber.alert('ready', { id: live.id });
    await lookout.exited;
    const name = (await readdir(lookout.dataDir, { recursive: true })).find((one) => one.endsWith(`${live.id}/index.m3u8`))!;
    const path = join(lookout.dataDir, name);
    const { segments } = parsePlaylist(await readFile(path, 'utf8'));
    expect(new Set(segments.map(({ initName }) => initName))).toEqual(new Set(['init.mp4', 'init-1.mp4']));
    expect(segments.filter(({ isDiscontinuity }) => isDiscontinuity)).toHaveLength(1);
    expect(await complaints(path)).toBe('');
    await using again = await Lookout.start({ ...config(first.url, { event }), folder: lookout.folder });
    await view.page.goto(again.url);
    await view.page.locator('[data-testid="event-card"][data-state="ready"]').last().click();
    const video = view.page.getByTestId('player-video');
    await until(async () => await video.evaluate((element: { ended: boolean }) => element.ended), {
      what: 'the end of the clip',
    });
    expect((await view.noted()).times.at(-1)).toBeGreaterThan(ready.durationMs! / 1000 - 0.5);
  });

  it('that sends a damaged stream, and whose decoder freezes, is told of to the end', async () => {
    const film = join(clips.folder, 'noisy.mkv');
    await exec('ffmpeg', [
      '-v',
      'error',
      '-nostdin',
      '-i',
      quick,
      '-map',
      '0:v',
      '-c',
      'copy',
      '-bsf:v',
      'noise=amount=4000',
      film,
    ]);
    await using camera = await RtspCamera.start({ film });
    await using lookout = await Lookout.start(config(camera.url));
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    const live = await subscriber.alert('live');
    const at = subscriber.messages.items.length;
    process.kill((await lookout.process('decoder')).pid, 'SIGSTOP');
    const offline = await subscriber.message('lookout/yard/status', ({ text }) => text.includes('"offline"'), at);
    expect(offline.text).toContain('silent');
    const ready = await subscriber.alert('ready', { id: live.id });
    expect(ready.reason).toBe('source');
    const { frames } = await probe(ready.urls.playlist);
    expect(frames).toBeGreaterThan(10);
    await subscriber.message('lookout/yard/status', ({ text }) => text.includes('"online"'), at);
  });
});

/** Puts the player at this share of the clip and waits until it plays from there. */
async function seek(video: Locator, share: number): Promise<void> {
  const asked = await video.evaluate(
    (element: { duration: number; currentTime: number; play(): Promise<void> }, part: number) => {
      element.currentTime = element.duration * part;
      void element.play();
      return element.currentTime;
    },
    share,
  );
  const isThere = async (): Promise<boolean> => {
    const atSeconds = await video.evaluate((element: { currentTime: number }) => element.currentTime);
    return atSeconds > asked + 0.3 && atSeconds < asked + 3;
  };
  await until(isThere, { what: `a picture at ${share} of the clip`, withinMs: 15_000 });
}
