/** Clips of packets, from a real film that is played as a camera would. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';
import { parsePlaylist } from '../../src/media/hls-playlist.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { endEvent, person, probe, range, startEvent } from './film.ts';
import { numbersOf, PacketCamera } from './packets.ts';

expectNoLeftovers();

const exec = promisify(execFile);

const SIZE = { widthPx: 320, heightPx: 180 };
const EVENT = { event: { preRollMs: 1500 } };

/** A whole event: seen from 4 s, over at 6 s. */
async function record(camera: PacketCamera, folder: string) {
  await camera.feedTo(4500, { tracks: [] });
  const clip = await camera.start(startEvent('a', 4000), folder);
  await camera.feedTo(6500, { tracks: [person(1)] });
  camera.recorder.onScene(endEvent('a', 6000));
  return { clip, ready: await camera.message('ready', 'a') };
}

const playlistOf = async (folder: string) => parsePlaylist(await readFile(join(folder, 'index.m3u8'), 'utf8'));

describe('a clip of packets', () => {
  it('holds every picture from the key frame before the pre-roll to the end, and says what it delivered', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, gop: 7 });
    const folder = await camera.folder();
    const { ready } = await record(camera, folder);
    const numbers = await numbersOf(folder);
    expect(numbers).toEqual(range(21, 21 + numbers.length));
    expect(ready).toMatchObject({ feed: 'packets', preRollMs: 1900, droppedFrames: 0 });
    expect(ready.durationMs).toBe(numbers.length * 100);
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(59);
    expect(ready.postRollMs).toBe((numbers.at(-1)! + 1) * 100 - 6000);
  });

  it('is never shorter than asked, wherever the key frames are', async () => {
    const keys = Array.from({ length: 40 }, () => 300 + Math.floor(Math.random() * 4000));
    const times = keys.map((_, i) => keys.slice(0, i).reduce((sum, ms) => sum + ms, 0));
    await using camera = await PacketCamera.open({ ...EVENT, keysAtMs: times, seconds: 60 });
    const asked: number[] = [];
    for (let i = 0, atMs = 6000; atMs < 50_000; i += 1) {
      const [startMs, endMs] = [atMs, atMs + 500 + Math.floor(Math.random() * 3000)];
      const folder = await camera.folder();
      await camera.feedTo(startMs + Math.floor(Math.random() * 1500));
      await camera.start(startEvent(`e${i}`, startMs), folder);
      await camera.feedTo(endMs + Math.floor(Math.random() * 500));
      camera.recorder.onScene({ ...endEvent(`e${i}`, endMs), lastSeenPtsMs: endMs - 1000 } as SceneEvent);
      await camera.feedTo(endMs + 200);
      const ready = await camera.message('ready', `e${i}`);
      const says = `event ${i} from ${startMs} to ${endMs}, key frames at ${times.join(', ')}`;
      expect(ready.preRollMs, says).toBeGreaterThanOrEqual(1500);
      expect(ready.postRollMs, says).toBeGreaterThanOrEqual(1000);
      const numbers = await numbersOf(folder, SIZE);
      expect(numbers, says).toEqual(range(numbers[0]!, numbers[0]! + numbers.length));
      expect(ready.durationMs).toBeCloseTo(numbers.length * 100);
      asked.push(i);
      atMs = endMs + 300 + Math.floor(Math.random() * 2000);
    }
    expect(asked.length).toBeGreaterThan(5);
  });

  it('can be played at once, also when no group of pictures is complete', async () => {
    for (const gop of [10, 100]) {
      await using camera = await PacketCamera.open({ ...EVENT, gop });
      const folder = await camera.folder();
      await camera.feedTo(4500);
      const clip = await camera.start(startEvent('a', 4000), folder);
      expect(await clip.whenPlayable(AbortSignal.timeout(5000))).toBe(true);
      const live = await camera.message('live', 'a');
      expect(live.preRollMs).toBeGreaterThanOrEqual(1500);
      expect(clip.playlist()).not.toContain('INDEPENDENT');
    }
  });

  it('is listed segment by segment with hash and size, each a group of pictures within the target duration', async () => {
    await using camera = await PacketCamera.open(EVENT);
    const folder = await camera.folder();
    const { ready } = await record(camera, folder);
    const { header, segments, hasEnded } = await playlistOf(folder);
    expect(hasEnded).toBe(true);
    expect(header).toContain('#EXT-X-TARGETDURATION:1');
    expect(segments.map(({ durationMs }) => durationMs)).toEqual([1000, 1000, 1000, 1000]);
    for (const { name, bytes, sha256 } of ready.files) {
      const content = await readFile(join(folder, name));
      expect(content.byteLength).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    expect((await readdir(folder)).sort()).toEqual(ready.files.map(({ name }) => name).sort());
  });

  it('plays with B-frames, from the first picture at 0', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, bFrames: 2 });
    const folder = await camera.folder();
    await record(camera, folder);
    const numbers = await numbersOf(folder);
    expect(numbers.slice(0, 40)).toEqual(range(numbers[0]!, numbers[0]! + 40));
    const { stream } = await probe(join(folder, 'index.m3u8'));
    expect(stream).toMatchObject({ codec_name: 'h264' });
  });

  it('has sound as long as its pictures', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, sound: true });
    const folder = await camera.folder();
    const { ready } = await record(camera, folder);
    const init = await readFile(join(folder, 'init.mp4'));
    expect(init.includes('mp4a')).toBe(true);
    const numbers = await numbersOf(folder);
    expect(numbers).toEqual(range(20, 20 + numbers.length));
    expect(ready.durationMs).toBe(numbers.length * 100);
  });

  it('goes on in the next part with the group of pictures that holds the cut', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, gop: 7 });
    const [first, second] = [await camera.folder(), await camera.folder()];
    await camera.feedTo(4500);
    await camera.start(startEvent('a', 4000), first);
    await camera.feedTo(6200);
    camera.recorder.onScene(endEvent('a', 6000, 'max'));
    await camera.start(startEvent('b', 6000, 'a'), second);
    await camera.feedTo(8000);
    camera.recorder.onScene(endEvent('b', 7500));
    await camera.message('ready', 'b');
    const [before, after] = [await numbersOf(first), await numbersOf(second)];
    expect(after[0]).toBe(56);
    expect(before.at(-1)).toBeGreaterThanOrEqual(59);
  });

  it('goes on in time when the camera was away, in one film where it came back as it was', async () => {
    await using camera = await PacketCamera.open({ event: { preRollMs: 1500, postRollMs: 5000 }, gop: 10 });
    const folder = await camera.folder();
    await camera.feedTo(4500);
    await camera.start(startEvent('a', 4000), folder);
    await camera.feedTo(5000);
    camera.connect();
    await camera.feedTo(9500, { laterMs: 2500 });
    camera.recorder.onScene(endEvent('a', 9000));
    const ready = await camera.message('ready', 'a');
    expect(ready.durationMs).toBeGreaterThanOrEqual(7000);
    expect(ready.durationMs).toBeLessThan(7600);
    const { segments } = await playlistOf(folder);
    expect(segments.filter(({ isDiscontinuity }) => isDiscontinuity)).toEqual([]);
    expect(Math.max(...segments.map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(1000);
    const numbers = await numbersOf(folder);
    expect(new Set(numbers)).toEqual(new Set(range(20, Math.max(...numbers) + 1)));
  });

  it.each([{ bFrames: 0 }, { bFrames: 2 }])(
    'keeps its target duration over a hole inside a group of pictures: %o',
    async ({ bFrames }) => {
      await using camera = await PacketCamera.open({ event: { preRollMs: 1500, postRollMs: 5000 }, gop: 10, bFrames });
      const folder = await camera.folder();
      await camera.feedTo(4500);
      await camera.start(startEvent('a', 4000), folder);
      await camera.feedTo(5350);
      await camera.feedTo(9500, { laterMs: 2600 });
      camera.recorder.onScene(endEvent('a', 9000));
      const ready = await camera.message('ready', 'a');
      expect(ready.durationMs).toBeGreaterThanOrEqual(7000);
      expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
      const numbers = await numbersOf(folder);
      expect(numbers.slice(0, 33)).toEqual(range(20, 53));
      // Behind the hole each picture is what it was, so what it refers to was there.
      const from = numbers.lastIndexOf(54);
      expect(numbers.slice(from, from + 10)).toEqual(range(54, 64));
    },
  );

  it('takes its snapshot at full size from the packets of the best moment', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, gop: 25 });
    const folder = await camera.folder();
    await record(camera, folder);
    const picture = sharp(join(folder, 'snapshot.jpg'));
    expect(await picture.metadata()).toMatchObject({ width: 320, height: 180 });
    const raw = await picture.greyscale().raw().toBuffer();
    const number = range(0, 10).reduce((sum, bit) => sum + (raw[8 * 320 + bit * 16 + 8]! > 125 ? 1 << bit : 0), 0);
    // The first slot in which the person is seen, by the picture that the detector saw.
    expect(number).toBeGreaterThanOrEqual(44);
    expect(number % 2).toBe(0);
  });

  it('names a camera whose key frames are far apart', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, gop: 60, seconds: 14 });
    await camera.feedTo(14_000);
    expect(camera.logged).toHaveLength(1);
    expect(camera.logged[0]).toContain('The camera sends a key frame only every 6.0 s: clips begin up to 6.0 s earlier.');
  });

  it('names a camera that sends more than the ring may hold', async () => {
    await using camera = await PacketCamera.open({ ...EVENT, isNoisy: true, seconds: 8, record: { maxRingBytes: 1_000_000 } });
    await camera.feedTo(8000);
    expect(camera.logged).toEqual([expect.stringContaining('too much for record.maxRingBytes')]);
  });

  it('ends with the packets that are there when it is closed', async () => {
    let folder = '';
    await using camera = await PacketCamera.open(EVENT);
    folder = await camera.folder();
    await camera.feedTo(4500);
    await camera.start(startEvent('a', 4000), folder);
    await camera.feedTo(5250);
    await camera.recorder.close();
    expect((await camera.message('ready', 'a')).durationMs).toBe(3300);
    expect(await numbersOf(folder)).toEqual(range(20, 53));
  });

  it('says failed when its folder vanishes, and records the next event', async () => {
    await using camera = await PacketCamera.open(EVENT);
    const folder = await camera.folder();
    await camera.feedTo(3500);
    const clip = await camera.start(startEvent('a', 3000), folder);
    await clip.whenPlayable(AbortSignal.timeout(5000));
    // It is written to at this very moment.
    await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 10 });
    await camera.feedTo(6000);
    const failed = await camera.message('failed', 'a');
    expect(failed).toMatchObject({ feed: 'packets', reason: expect.stringContaining('is gone') as string });
    expect(failed.droppedFrames).toBeGreaterThan(0);
    camera.recorder.onScene(endEvent('a', 6000));
    const next = await camera.folder();
    await camera.start(startEvent('b', 6000), next);
    await camera.feedTo(8000);
    camera.recorder.onScene(endEvent('b', 7000));
    await camera.message('ready', 'b');
  });

  it('overwrites nothing that was recorded', async () => {
    await using camera = await PacketCamera.open(EVENT);
    const folder = await camera.folder();
    await writeFile(join(folder, '00000.m4s'), 'evidence');
    await camera.feedTo(3500);
    await camera.start(startEvent('a', 3000), folder);
    await camera.message('failed', 'a');
  });

  it('says that the disk is full, and what was listed before still plays', async ({ skip }) => {
    await using camera = await PacketCamera.open({ ...EVENT, isNoisy: true });
    const folder = await camera.folder();
    const mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=1200k', 'tmpfs', folder]).catch(() => undefined);
    if (!mounted) skip('this machine does not let us mount a small disk');
    try {
      await camera.feedTo(3500);
      const clip = await camera.start(startEvent('a', 3000), folder);
      expect(await clip.whenPlayable(AbortSignal.timeout(5000))).toBe(true);
      await camera.feedTo(11_000);
      const failed = await camera.message('failed', 'a');
      expect(failed.reason).toContain('the disk is full');
      expect(failed.droppedFrames).toBeGreaterThan(0);
      const listed = (await playlistOf(folder)).segments;
      expect(listed.length).toBeGreaterThan(0);
      expect((await probe(join(folder, 'index.m3u8'))).frames).toBe(listed.length * 10);
      await camera.recorder.close();
    } finally {
      await exec('umount', [folder]);
    }
  });
});
