import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../src/lib/bell.ts';
import type { TrackLine } from '../../src/messages/clip.ts';
import { encoderOf, endEvent, Film, person, probe, range, stampOf, stampsOf, startEvent } from './film.ts';
import { clockProblems } from '../media/fmp4/clip-clock.ts';
import { partsOfFolder } from '../media/fmp4/clip-parts.ts';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';

const SIZE = { widthPx: 320, heightPx: 180 };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('Recorder', () => {
  it('makes a clip that begins the pre-roll before the person and ends before closePtsMs, frame by frame', async () => {
    let film: Film;
    {
      await using open = await Film.open({ event: { preRollMs: 2000 } });
      film = open;
      const folder = await film.folder();
      await film.feedPatiently(60, []);
      // First seen at frame 50, confirmed at frame 58: the ring must still reach back to frame 30.
      const clip = await film.start(startEvent('a', 5000), folder);
      expect(await clip.whenPlayable(AbortSignal.timeout(20_000))).toBe(true);
      expect(await film.message('live', 'a')).toEqual({ type: 'live', id: 'a', preRollMs: 2000 });
      expect(clip.playlist()).toContain('#EXT-X-PLAYLIST-TYPE:EVENT');
      expect(clip.playlist()).not.toContain('ENDLIST');
      await film.feedPatiently(40, [person(1)]);
      film.recorder.onScene(endEvent('a', 9500));
      const ready = await film.message('ready', 'a');

      expect(ready).toMatchObject({ preRollMs: 2000, durationMs: 6500, droppedFrames: 0 });
      expect(await stampsOf(folder)).toEqual(range(30, 95));
      const { stream, frames } = await probe(join(folder, 'index.m3u8'));
      expect(frames).toBe(65);
      expect(conformanceProblems(await partsOfFolder(folder))).toEqual([]);
      expect(clockProblems(clip.playlist() ?? '')).toEqual([]);
      expect(stream).toMatchObject({ codec_name: 'h264', profile: 'High', pix_fmt: 'yuv420p', has_b_frames: 0, width: 320 });
      expect(stream['level'] as number).toBeLessThanOrEqual(41);
      const segments = ready.files.filter(({ name }) => name.endsWith('.m4s'));
      expect(segments.map(({ durationMs }) => durationMs)).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 500]);
      expect(segments.map(({ startMs }) => startMs)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
      expect(clip.playlist()).toBe(await readFile(join(folder, 'index.m3u8'), 'utf8'));
      expect(clip.playlist()).toMatch(/PROGRAM-DATE-TIME:2026-11-20T14:02:03\.000Z\n[\s\S]*#EXT-X-ENDLIST\n$/);
    }
    expect(film.pool.leased).toBe(0);
  });

  it('says why a clip was cut short before its first segment, once its event is over', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 1800), folder);
    film.recorder.cutShort('the disk is full: there is no room for a clip');
    await film.feedPatiently(5, [person(1)]);
    film.recorder.onScene(endEvent('a', 2400));
    expect((await film.message('failed', 'a')).reason).toBe('the disk is full: there is no room for a clip');
  });

  it('lists every file it leaves in the folder, with its size, and no other file is there', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    film.feed([person(1)]);
    await film.start(startEvent('a', 1800), folder);
    await film.feedPatiently(20, [person(1)]);
    film.recorder.onScene(endEvent('a', 4000));
    const { files, bytes } = await film.message('ready', 'a');
    const names = ['00000.m4s', '00001.m4s', '00002.m4s', 'detections.jsonl', 'index.m3u8', 'init.mp4'];
    const pictures = ['snapshot-boxes.jpg', 'snapshot.jpg', 'thumb.webp'];
    expect((await readdir(folder)).sort()).toEqual([...names, ...pictures]);
    expect(files.map(({ name }) => name).sort()).toEqual([...names, ...pictures]);
    for (const file of files) expect((await stat(join(folder, file.name))).size).toBe(file.bytes);
    const video = files.filter(({ name }) => /m4s$|mp4$/.test(name));
    expect(bytes).toBe(video.reduce((sum, file) => sum + file.bytes, 0));
  });

  it('writes the boxes of the pre-roll too, in clip time', async () => {
    await using film = await Film.open({ event: { preRollMs: 1000 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    film.feed([person(1)]);
    const clip = await film.start(startEvent('a', 1600), folder);
    await film.feedPatiently(13, [person(1)]);
    film.recorder.onScene(endEvent('a', 3000));
    await film.message('ready', 'a');
    const text = await readFile(join(folder, 'detections.jsonl'), 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TrackLine);
    expect(lines).toEqual(clip?.tracks());
    expect(lines.map(({ ptsMs }) => ptsMs)).toEqual(range(0, 12).map((i) => i * 200));
    expect(lines[6]?.tracks).toEqual([]);
    expect(lines[7]?.tracks).toEqual([{ id: 1, label: 'person', score: 0.8, box: { x: 0.4, y: 0.2, w: 0.2, h: 0.6 } }]);
  });

  it('takes the snapshot from the frame of the best detection, plain and with its box', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    film.feed([person(1, { score: 0.5 })]);
    await film.start(startEvent('a', 2000), folder);
    await film.feedPatiently(11, [person(1, { score: 0.5 })]);
    await film.feedPatiently(1, [person(1, { score: 0.9 })]);
    await film.feedPatiently(7, [person(1, { score: 0.5 })]);
    film.recorder.onScene(endEvent('a', 4000));
    await film.message('ready', 'a');
    const snapshots = film.messages.filter((message) => message.type === 'snapshot');
    expect(snapshots).toHaveLength(2);
    expect(film.messages.at(-1)?.type).toBe('ready');
    const plain = await sharp(join(folder, 'snapshot.jpg')).raw().toBuffer({ resolveWithObject: true });
    expect(plain.info).toMatchObject({ width: 320, height: 180 });
    const luma = Buffer.from(range(0, 320 * 180).map((i) => plain.data[i * 3 + 1]!));
    expect(stampOf(luma, SIZE)).toBe(32);
    const boxes = await sharp(join(folder, 'snapshot-boxes.jpg')).raw().toBuffer();
    const onBox = (100 * 320 + Math.round(0.4 * 320) + 1) * 3;
    expect(boxes[onBox]! - boxes[onBox + 2]!).toBeGreaterThan(100);
    expect((await sharp(join(folder, 'thumb.webp')).metadata()).width).toBe(320);
  });

  it('starts a part exactly where the part before it was cut', async () => {
    await using film = await Film.open({ event: { preRollMs: 1000 } });
    const [first, second] = [await film.folder(), await film.folder()];
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 2000), first);
    // The detector lags: frames up to 42 are there when it decides at frame 38 that the clip ended before 37.
    await film.feedPatiently(17, []);
    film.feedMany(5);
    film.recorder.onScene(endEvent('a', 3700, 'max'));
    await film.start(startEvent('b', 3700, 'a'), second);
    await film.feedPatiently(20, []);
    film.recorder.onScene(endEvent('b', 6000));
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 2700 });
    expect(await film.message('ready', 'b')).toMatchObject({ preRollMs: 0, durationMs: 2300 });
    expect([...(await stampsOf(first)), ...(await stampsOf(second))]).toEqual(range(10, 60));
  });

  it('repeats the last frame where the source had a gap', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 1500), folder);
    film.nextIndex = 35;
    await film.feedPatiently(10, []);
    film.recorder.onScene(endEvent('a', 4500));
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 3500, droppedFrames: 0 });
    expect(await stampsOf(folder)).toEqual([...range(10, 20), ...Array<number>(15).fill(19), ...range(35, 45)]);
  });

  it('closes an open clip in full when it is closed itself, and leaves no encoder', async () => {
    const film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    expect(film.recorder.encoderPid).toBeUndefined();
    film.feedMany(20);
    expect(film.recorder.encoderPid).toBeUndefined();
    await film.start(startEvent('a', 2000), folder);
    film.feedMany(13);
    const pid = await encoderOf(film);
    await film.close();
    expect(isAlive(pid)).toBe(false);
    expect(film.recorder.encoderPid).toBeUndefined();
    expect(film.messages.at(-1)).toMatchObject({ type: 'ready', durationMs: 1800 });
    expect(await stampsOf(folder)).toEqual(range(15, 33));
    expect(film.pool.leased).toBe(0);
    await film[Symbol.asyncDispose]();
  });

  it('ends the clip where the camera was away for longer than the post-roll and the ring', async () => {
    await using film = await Film.open({ event: { preRollMs: 500, postRollMs: 2000 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 1500), folder);
    await film.feedPatiently(10, []);
    film.nextIndex = 100;
    film.feed([]);
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 2000 });
    expect(await stampsOf(folder)).toEqual(range(10, 30));
    expect(film.pool.leased).toBe(1);
  });

  it('takes events at once and works through them in order, however long a folder takes', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const [first, second] = [await film.folder(), await film.folder()];
    const isThere = new Bell();
    await film.feedPatiently(20, []);
    const clip = film.start(
      startEvent('a', 2000),
      isThere.next().then(() => first),
    );
    film.recorder.onScene(endEvent('a', 2500, 'max'));
    const next = film.start(startEvent('b', 2500, 'a'), second);
    await film.feedPatiently(10, []);
    expect(film.recorder.encoderPid).toBeUndefined();
    isThere.ring();
    expect([(await clip).folder, (await next).folder]).toEqual([first, second]);
    film.recorder.onScene(endEvent('b', 3000));
    await film.message('ready', 'b');
    expect([...(await stampsOf(first)), ...(await stampsOf(second))]).toEqual(range(15, 30));
  });

  it('says failed and that there will be no clip where the folder cannot be made, and records the next event', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    void film.start(startEvent('a', 2000), Promise.reject(new Error('the disk is full')));
    film.recorder.onScene(endEvent('a', 2500));
    const expected = { type: 'failed', id: 'a', feed: 'frames', reason: 'the disk is full', files: [], droppedFrames: 0 };
    expect(await film.message('failed', 'a')).toEqual(expected);
    expect(film.home.without).toEqual(['a']);
    await film.start(startEvent('b', 2000), folder);
    await film.feedPatiently(10, []);
    film.recorder.onScene(endEvent('b', 2500));
    await film.message('ready', 'b');
    expect(film.bugs).toEqual([]);
  });

  it('records an event that it heard of before it was closed, and none that comes later', async () => {
    const film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    void film.start(startEvent('a', 1800), new Promise((resolve) => setTimeout(resolve, 50, folder)));
    const closed = film.close();
    film.recorder.onScene(startEvent('b', 1900));
    await closed;
    expect(film.messages.map(({ type, id }) => [type, id])).toEqual([
      ['live', 'a'],
      ['ready', 'a'],
    ]);
    expect(await stampsOf(folder)).toEqual(range(13, 20));
    expect(film.pool.leased).toBe(0);
    await film[Symbol.asyncDispose]();
  });

  it('tells of a mistake of ours, once, and goes on', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    const bug = new Error('a bug');
    film.home.attach = () => {
      throw bug;
    };
    await film.feedPatiently(20, []);
    void film.start(startEvent('a', 2000), folder);
    await film.close();
    expect(film.bugs).toEqual([bug]);
    expect(film.messages.at(-1)?.type).toBe('ready');
  });

  it('empties the ring and ends the clip when the format changes', async () => {
    await using film = await Film.open({ event: { preRollMs: 500 } });
    const folder = await film.folder();
    await film.feedPatiently(20, []);
    await film.start(startEvent('a', 2000), folder);
    await film.feedPatiently(10, []);
    film.recorder.setRing(film.ring.open(film.format));
    expect(await film.message('ready', 'a')).toMatchObject({ durationMs: 1500 });
    expect(film.pool.leased).toBe(0);
  });
});
