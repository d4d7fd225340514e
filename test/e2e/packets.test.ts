/** Stories of a camera whose own packets are recorded: a real RTSP server plays a visit, with sound. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/alert-messages.ts';
import { parsePlaylist } from '../../src/lib/hls-playlist.ts';
import { RtspCamera } from '../camera/rtsp-camera.ts';
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

async function filmOf(clip: string, name: string): Promise<string> {
  const path = join(clips.folder, name);
  const sound = ['-f', 'lavfi', '-i', 'sine=r=48000', '-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'];
  await exec('ffmpeg', ['-v', 'error', '-nostdin', '-stream_loop', '3', '-i', clip, ...sound, '-t', '36', path]);
  return path;
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

/** Files of events, without the candidates between them. */
async function written(lookout: Lookout): Promise<string[]> {
  const names = await readdir(lookout.dataDir, { recursive: true });
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
    const record = await lookout.json<EventRecord>(`/api/v1/events/${live.id}`);
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
    expect(record).toMatchObject({ type: 'ready', feed: 'packets', reason: 'restart' });
    const endAtMs = Date.parse(record.startedAt) - record.preRollMs! + record.durationMs!;
    expect(killedAtMs - endAtMs).toBeLessThan(1000);
  });
});
