/** The main job from end to end: a person walks in, is told of, is recorded, and can be watched; nothing happens otherwise. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertOf } from '../../src/alerts/alert-of.ts';
import type { Alert } from '../../src/messages/alert.ts';
import type { TrackLine } from '../../src/messages/clip.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import type { Box } from '../../src/messages/video.ts';
import { viewOf } from '../../src/server/event-view.ts';
import { EventIndex } from '../../src/store/index/event-index.ts';
import { until } from './feed.ts';
import { listing, Lookout } from './lookout.ts';
import { type Clips, complaints, cutClips, FPS, isJpeg, probe } from './media.ts';
import { Subscriber } from './mqtt.ts';

let clips: Clips;
beforeAll(async () => {
  clips = await cutClips();
});
afterAll(async () => await clips[Symbol.asyncDispose]());

describe('one visit, with the defaults', () => {
  it('is told in order, recorded with its pre-roll, watched while it goes on, and leaves nothing running', async () => {
    await using lookout = await Lookout.start({ args: ['run', '-i', clips.visit] });
    await using subscriber = await Subscriber.open(lookout.mqttUrl);
    const before = await fileTimes(lookout.dataDir);
    const start = await startedFromNothing(lookout, { subscriber, before });
    const live = await subscriber.alert('live');
    await checkLive(lookout, live);
    const listedAtLive = segmentsOf(await playlistOf(live)).length;
    await until(async () => segmentsOf(await playlistOf(live)).length > listedAtLive + 1, { what: 'a playlist that grows' });
    expect(await playlistOf(live)).not.toContain('#EXT-X-ENDLIST');

    const end = await subscriber.alert('end');
    const ready = await subscriber.alert('ready');
    await until(async () => !(await lookout.roles()).includes('encoder'), { what: 'the end of the encoder' });
    // An alert goes out first and is written to disk after.
    await until(async () => (await recordOnDisk(lookout)).record.state === 'ready', { what: 'event.json that says ready' });
    // The ledger and the row of the index follow event.json.
    await until(async () => await isIndexed(lookout, ready.id), { what: 'the row of the event' });
    const quiet = await fileTimes(lookout.dataDir);
    checkLifeCycle(subscriber, { start, end, ready });
    await checkClip(ready);
    await checkPictures(ready);
    await checkBoxes(ready);
    await checkEventJson(lookout, ready);
    await checkTopics(subscriber);
    expect(await fileTimes(lookout.dataDir), 'nothing is written once the event is over').toEqual(quiet);
    expect(await lookout.stop()).toMatchObject({ code: 0 });
  });
});

/** Waits for the start, watching that nothing was encoded or written up to then. */
async function startedFromNothing(
  lookout: Lookout,
  { subscriber, before }: { subscriber: Subscriber; before: ReadonlyMap<string, number> },
): Promise<Alert> {
  await lookout.line('camera online');
  const hasStarted = (): boolean => subscriber.alerts.length > 0;
  let looks = 0;
  while (!hasStarted()) {
    const [roles, times] = [await lookout.roles(), await fileTimes(lookout.dataDir)];
    if (hasStarted()) break;
    looks += 1;
    expect(roles).not.toContain('encoder');
    expect(times).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const start = await subscriber.alert('start');
  expect(looks).toBeGreaterThan(3);
  expect(start).toMatchObject({ v: 1, camera: 'camera', label: 'person', people: 1, count: 1, zones: [] });
  expect(start.latencyMs.confirmToPublish).toBeGreaterThanOrEqual(0);
  return start;
}

/** What was announced plays at that very moment. */
async function checkLive(lookout: Lookout, live: Alert): Promise<void> {
  expect(live.urls.playlist).toBe(`${lookout.url}/events/${live.id}/index.m3u8`);
  const answer = await fetch(live.urls.playlist);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
  const text = await answer.text();
  expect(text).toMatch(/^#EXTM3U\n#EXT-X-VERSION:7\n/);
  expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT');
  expect(text).toContain('#EXT-X-START:TIME-OFFSET=0');
  const [first] = segmentsOf(text);
  expect(first).toBeDefined();
  for (const name of ['init.mp4', first ?? '']) expect((await fetch(new URL(name, live.urls.playlist))).status).toBe(200);
  // The picture may need longer than the first segment; what is announced answers.
  if (live.urls.snapshot !== undefined) expect((await fetch(live.urls.snapshot)).status).toBe(200);
  // 5 s asked; the person is first seen after 5.5 s, so there is enough of it.
  expect(live.preRollMs).toBeGreaterThanOrEqual(5000);
  const firstAtMs = Date.parse(/PROGRAM-DATE-TIME:(\S+)/.exec(text)?.[1] ?? '');
  expect(Date.parse(live.startedAt) - firstAtMs).toBeCloseTo(live.preRollMs ?? 0, -2);
}

function checkLifeCycle(subscriber: Subscriber, { start, end, ready }: { start: Alert; end: Alert; ready: Alert }): void {
  const types = subscriber.typesOf(start.id);
  expect(types.filter((type) => type !== 'update')).toEqual(['start', 'live', 'end', 'ready']);
  expect(subscriber.alerts.every(({ id }) => id === start.id)).toBe(true);
  const seqs = subscriber.alerts.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(new Set(subscriber.alerts.map(({ epoch }) => epoch)).size).toBe(1);
  expect(end).toMatchObject({ reason: 'left', count: 0, people: 1 });
  expect(ready.urls.clip).toBeDefined();
  // The visit takes 3 to 3.5 s of film.
  const visitMs = Date.parse(end.endedAt ?? '') - Date.parse(end.startedAt);
  expect(visitMs).toBeGreaterThan(2500);
  expect(visitMs).toBeLessThan(4500);
}

/** The same address, afterwards: whole, ended, and what players want. */
async function checkClip(ready: Alert): Promise<void> {
  const { playlist, clip = '' } = ready.urls;
  expect(await playlistOf(ready)).toMatch(/#EXT-X-ENDLIST\n$/);
  const facts = await probe(playlist);
  expect(facts).toMatchObject({
    codec_name: 'h264',
    pix_fmt: 'yuv420p',
    has_b_frames: 0,
    profile: 'High',
    width: 624,
    height: 352,
  });
  expect(facts.level).toBeLessThanOrEqual(41);
  const frameMs = 1000 / FPS;
  expect(Math.abs(facts.durationMs - (ready.durationMs ?? 0))).toBeLessThanOrEqual(frameMs);
  expect(Math.abs(facts.frames * frameMs - (ready.durationMs ?? 0))).toBeLessThanOrEqual(frameMs);
  // Pre-roll, visit and post-roll of 5 s, none of them shorter than asked.
  const visitMs = Date.parse(ready.endedAt ?? '') - Date.parse(ready.startedAt);
  expect(ready.durationMs).toBeGreaterThanOrEqual((ready.preRollMs ?? 0) + visitMs + 5000 - frameMs);
  expect(await complaints(playlist)).toBe('');
  // The same clip as one file.
  expect(await complaints(clip)).toBe('');
  const film = await probe(clip);
  expect(film).toMatchObject({ frames: facts.frames, width: 624, height: 352 });
  expect(Math.abs(film.durationMs - (ready.durationMs ?? 0))).toBeLessThanOrEqual(frameMs);
  expect(ready.droppedFrames).toBe(0);
}

async function checkPictures(ready: Alert): Promise<void> {
  const url = ready.urls.snapshot ?? '';
  const plain = await bytesOf(url);
  const boxed = await bytesOf(`${url}?boxes`);
  expect(isJpeg(plain)).toBe(true);
  expect(isJpeg(boxed)).toBe(true);
  expect(plain.equals(boxed)).toBe(false);
}

async function checkBoxes(ready: Alert): Promise<void> {
  const answer = await fetch(new URL('detections.json', ready.urls.playlist));
  expect(answer.status).toBe(200);
  const lines = (await answer.json()) as TrackLine[];
  expect(lines[0]?.ptsMs).toBeGreaterThanOrEqual(0);
  expect(lines.map(({ ptsMs }) => ptsMs)).toEqual(lines.map(({ ptsMs }) => ptsMs).sort((a, b) => a - b));
  expect(lines.at(-1)?.ptsMs).toBeLessThan(ready.durationMs ?? 0);
  const boxes = lines.flatMap(({ tracks }) => tracks.map(({ box }) => box));
  expect(boxes.length).toBeGreaterThan(8);
  expect(boxes.every(isInside)).toBe(true);
  // She walks in from the right and goes to the left.
  expect(boxes[0]!.x).toBeGreaterThan(boxes.at(-1)!.x);
}

async function isIndexed(lookout: Lookout, id: string): Promise<boolean> {
  const index = await EventIndex.open(lookout.dataDir, { readonly: true });
  try {
    return index.text(id)?.includes('"state":"ready"') ?? false;
  } finally {
    index.close();
  }
}

async function checkEventJson(lookout: Lookout, ready: Alert): Promise<void> {
  const { path, record } = await recordOnDisk(lookout);
  for (const key of ['v', 'node', 'epoch', 'seq', 'type', 'urls']) expect(record).not.toHaveProperty(key);
  expect(path).toBe(`events/${ready.startedAt.slice(0, 10).replaceAll('-', '/')}/camera/${ready.id}/event.json`);
  const { schema, feed, files, configHash, chain, updatedAt: at } = record;
  const { v: _v, node: _node, epoch: _epoch, seq: _seq, ...said } = ready;
  expect(alertOf(record, { type: 'ready', at, baseUrl: lookout.url })).toEqual(said);
  expect(chain?.seq).toBe(1);
  expect({ schema, feed }).toEqual({ schema: 2, feed: 'frames' });
  expect(configHash).toMatch(/^[0-9a-f]{8,}$/);
  const folder = join(lookout.dataDir, path, '..');
  for (const { name, bytes } of files) expect((await stat(join(folder, name))).size, name).toBe(bytes);
  expect((await readdir(folder)).sort()).toEqual(
    [...files.map(({ name }) => name), 'event.json', 'thumb.webp'].filter(unique).sort(),
  );
  expect(await lookout.json(`/api/v1/events/${ready.id}`)).toEqual(viewOf(record, lookout.url));
}

async function recordOnDisk({ dataDir }: Lookout): Promise<{ path: string; record: EventRecord }> {
  const path = (await listing(dataDir)).find((name) => name.endsWith('event.json')) ?? '';
  return { path, record: JSON.parse(await readFile(join(dataDir, path), 'utf8')) as EventRecord };
}

async function checkTopics(subscriber: Subscriber): Promise<void> {
  expect(subscriber.texts('lookout/status')[0]).toBe('online');
  expect(JSON.parse(subscriber.texts('lookout/camera/status').at(-1) ?? '')).toMatchObject({ state: 'online' });
  const people = subscriber.texts('lookout/camera/person').map((text) => JSON.parse(text) as unknown);
  // Nobody knows before the first picture was looked at; who subscribes after that hears the answer first.
  expect(people.slice(0, 2)).toContainEqual({ count: 0, total: 0 });
  expect(people).toContainEqual({ count: 1, total: 1 });
  expect(people.at(-1)).toMatchObject({ count: 0 });
  const { text } = await subscriber.message('lookout/camera/person/duration');
  expect((JSON.parse(text) as { duration: number }).duration).toBeGreaterThan(2);
  const snapshot = await subscriber.message('lookout/camera/person/snapshot');
  expect(isJpeg(snapshot.payload)).toBe(true);
  // Somebody who comes later is told the state at once.
  await using late = await Subscriber.open(subscriber.url);
  const retained = await late.message('lookout/camera/person');
  expect(retained).toMatchObject({ retain: true, text: expect.stringContaining('"count":0') as string });
  expect((await late.message('lookout/camera/person/snapshot')).retain).toBe(true);
  expect(late.alerts).toEqual([]);
}

async function playlistOf({ urls }: Alert): Promise<string> {
  return await (await fetch(urls.playlist)).text();
}

function segmentsOf(playlist: string): string[] {
  return playlist.split('\n').filter((line) => /^\d+\.m4s$/.test(line));
}

async function bytesOf(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
  return Buffer.from(await answer.arrayBuffer());
}

/** Every file and folder with the time it last changed. */
async function fileTimes(folder: string): Promise<Map<string, number>> {
  const names = await readdir(folder, { recursive: true });
  const times = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).mtimeMs] as const));
  return new Map(times.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isInside({ x, y, w, h }: Box): boolean {
  return x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1.001 && y + h <= 1.001;
}

function unique(name: string, index: number, names: readonly string[]): boolean {
  return names.indexOf(name) === index;
}
