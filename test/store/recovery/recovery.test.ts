import { appendFile, copyFile, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../../src/lib/child.ts';
import type { EventRecord } from '../../../src/messages/event.ts';
import { decode, ID, leaveOpen, listeningLog, makeClip, openStore, START_MS, type TempFolder, tempFolder } from '../folder.ts';

const SEGMENTS = ['00000.m4s', '00001.m4s', '00002.m4s', '00003.m4s', '00004.m4s'];
let clip: TempFolder;

beforeAll(async () => {
  clip = await tempFolder();
  await makeClip(clip.dir);
  expect((await readdir(clip.dir)).sort()).toEqual([...SEGMENTS, 'index.m3u8', 'init.mp4']);
});
afterAll(async () => {
  await clip[Symbol.asyncDispose]();
});

/** Leaves an open event with the clip in it, lets the test break it, starts a store and returns what that made of it. */
async function recover(
  breakIt: (folder: string) => Promise<unknown>,
  more: Partial<EventRecord> = {},
): Promise<{ event: EventRecord; playlist: string; names: string[]; decoded: { frames: number; complaints: string } }> {
  await using data = await tempFolder();
  const folder = await leaveOpen(data.dir, more);
  for (const name of await readdir(clip.dir)) await copyFile(join(clip.dir, name), join(folder, name));
  await breakIt(folder);
  const store = await openStore(data.dir);
  const event = store.recovered[0] as EventRecord;
  expect(store.recovered).toHaveLength(1);
  expect(store.event(ID)?.record).toEqual(event);
  await store[Symbol.asyncDispose]();
  expect(JSON.parse(await readFile(join(folder, 'event.json'), 'utf8'))).toEqual(event);
  const names = (await readdir(folder)).filter((name) => name !== 'event.json').sort();
  const playlist = names.includes('index.m3u8') ? await readFile(join(folder, 'index.m3u8'), 'utf8') : '';
  const decoded = event.state === 'ready' ? await decode(join(folder, 'index.m3u8')) : { frames: 0, complaints: '' };
  for (const file of event.files) expect((await stat(join(folder, file.name))).size).toBe(file.bytes);
  return { event, playlist, names, decoded };
}

const listed = (playlist: string): string[] => playlist.split('\n').filter((line) => line.endsWith('.m4s'));

/** Cuts the playlist after so many segments, as if the crash came before the others were listed. */
async function unlistAfter(folder: string, segments: number): Promise<void> {
  const path = join(folder, 'index.m3u8');
  const lines = (await readFile(path, 'utf8')).replace('#EXT-X-ENDLIST\n', '').split('\n');
  const last = lines.indexOf(SEGMENTS[segments - 1] ?? '');
  await writeFile(path, `${lines.slice(0, last + 1).join('\n')}\n`);
}

describe('an event that a crash left open', () => {
  it('is closed as it is when nothing is broken', async () => {
    const { event, playlist, decoded } = await recover(async () => undefined);
    expect(event).toMatchObject({ state: 'ready', reason: 'restart', durationMs: 5000, count: 0 });
    expect(event.endedAt).toBe(new Date(START_MS + 5000).toISOString());
    expect(event.files.map(({ name, startMs, durationMs }) => [name, startMs, durationMs])).toEqual([
      ['init.mp4', 0, 0],
      ...SEGMENTS.map((name, i) => [name, i * 1000, 1000]),
      ['index.m3u8', 0, 0],
    ]);
    expect(event.bytes).toBe(event.files.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0));
    expect(event.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    expect(playlist.trimEnd().endsWith('#EXT-X-ENDLIST')).toBe(true);
    expect(decoded).toEqual({ frames: 75, complaints: '' });
  });

  it('gets the segments that landed after the playlist was written', async () => {
    const { event, playlist, decoded } = await recover(async (folder) => await unlistAfter(folder, 2));
    expect(listed(playlist)).toEqual(SEGMENTS);
    expect(event.durationMs).toBe(5000);
    expect(decoded).toEqual({ frames: 75, complaints: '' });
  });

  it.each(['missing', 'empty', 'torn'])('gets a playlist where it is %s', async (how) => {
    const { playlist, decoded } = await recover(
      async (folder) => {
        if (how === 'missing') await rm(join(folder, 'index.m3u8'));
        else await truncate(join(folder, 'index.m3u8'), how === 'empty' ? 0 : 40);
      },
      { preRollMs: 1500 },
    );
    expect(playlist.split('\n').slice(0, 7)).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:1',
      '#EXT-X-PLAYLIST-TYPE:EVENT',
      '#EXT-X-START:TIME-OFFSET=0,PRECISE=YES',
      '#EXT-X-MAP:URI="init.mp4"',
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(START_MS - 1500).toISOString()}`,
    ]);
    expect(decoded).toEqual({ frames: 75, complaints: '' });
  });

  it.each([0, 1, 7, 8, 30, 200, 700, -1])('loses only the last segment when that is torn at byte %i', async (bytes) => {
    const { event, playlist, names, decoded } = await recover(async (folder) => {
      const path = join(folder, '00004.m4s');
      await truncate(path, bytes < 0 ? (await stat(path)).size + bytes : bytes);
      await unlistAfter(folder, 4);
    });
    expect(listed(playlist)).toEqual(SEGMENTS.slice(0, 4));
    expect(names).not.toContain('00004.m4s');
    expect(event).toMatchObject({ state: 'ready', durationMs: 4000 });
    expect(decoded).toEqual({ frames: 60, complaints: '' });
  });

  it('keeps the whole fragments of a torn segment', async () => {
    const { event, playlist, decoded } = await recover(async (folder) => {
      // One segment of two fragments and a half.
      await appendFile(join(folder, '00002.m4s'), await readFile(join(folder, '00003.m4s')));
      await appendFile(join(folder, '00002.m4s'), (await readFile(join(folder, '00004.m4s'))).subarray(0, 900));
      for (const name of ['00003.m4s', '00004.m4s']) await rm(join(folder, name));
      await unlistAfter(folder, 2);
    });
    expect(listed(playlist)).toEqual(SEGMENTS.slice(0, 3));
    expect(playlist).toContain('#EXTINF:2.000000,\n00002.m4s');
    expect(playlist).toContain('#EXT-X-TARGETDURATION:2\n');
    expect(event.durationMs).toBe(4000);
    expect(decoded).toEqual({ frames: 60, complaints: '' });
  });

  it('does not list a segment that was listed and is broken or gone', async () => {
    const { playlist, decoded } = await recover(async (folder) => {
      await truncate(join(folder, '00001.m4s'), 0);
      await rm(join(folder, '00003.m4s'));
    });
    expect(listed(playlist)).toEqual(['00000.m4s', '00002.m4s', '00004.m4s']);
    expect(playlist.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(2);
    expect(decoded.frames).toBe(45);
  });

  it('keeps a second run of the encoder apart', async () => {
    // The text is all that can be checked: ffmpeg 5.1 drops what follows when the time in the fragments starts over, players do not.
    const { playlist } = await recover(async (folder) => {
      const later = new Date(Date.now() + 5000);
      await copyFile(join(folder, 'init.mp4'), join(folder, 'init-1.mp4'));
      await copyFile(join(folder, '00000.m4s'), join(folder, '00005.m4s'));
      for (const name of ['init-1.mp4', '00005.m4s']) await utimes(join(folder, name), later, later);
    });
    expect(playlist).toContain('#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1.mp4"\n#EXTINF:1.000000,\n00005.m4s\n#EXT-X-ENDLIST');
  });

  it('loses its temp files', async () => {
    const { names } = await recover(async (folder) => {
      for (const name of ['event.json.ab12.tmp', 'index.m3u8.cd34.tmp', '00005.m4s.tmp'])
        await writeFile(join(folder, name), 'x');
    });
    expect(names).toEqual([...SEGMENTS, 'index.m3u8', 'init.mp4']);
  });

  it('waits for an encoder that still writes its last segment', async () => {
    let encoder: Child | undefined;
    const { playlist, decoded } = await recover(async (folder) => {
      await rename(join(folder, '00004.m4s'), join(folder, '00004.m4s.tmp'));
      await unlistAfter(folder, 4);
      encoder = await Child.start({
        name: 'encoder',
        command: 'sh',
        args: ['-c', 'sleep 0.5; mv 00004.m4s.tmp 00004.m4s'],
        stdin: 'ignore',
        dieWithParent: true,
        cwd: folder,
      });
    });
    await encoder?.exited;
    expect(listed(playlist)).toEqual(SEGMENTS);
    expect(decoded).toEqual({ frames: 75, complaints: '' });
  });

  it('keeps the end that it had', async () => {
    const endedAt = new Date(START_MS + 2345).toISOString();
    const { event } = await recover(async () => undefined, { state: 'ended', endedAt, reason: 'left' });
    expect(event).toMatchObject({ state: 'ready', endedAt, reason: 'restart' });
  });

  it.each([
    ['no segment', async (folder: string) => await Promise.all(SEGMENTS.map(async (name) => await rm(join(folder, name))))],
    ['no init', async (folder: string) => await rm(join(folder, 'init.mp4'))],
    ['rubbish for an init', async (folder: string) => await writeFile(join(folder, 'init.mp4'), 'rubbish'.repeat(99))],
  ])('has failed when there is %s', async (_name, breakIt) => {
    const { event } = await recover(breakIt);
    expect(event).toMatchObject({ state: 'failed', reason: 'no segment was written' });
    expect(event.endedAt).toBe(event.startedAt);
  });

  it('is not touched again at the next start', async () => {
    await using data = await tempFolder();
    await leaveOpen(data.dir);
    await (await openStore(data.dir))[Symbol.asyncDispose]();
    const { log, lines } = listeningLog();
    await using store = await openStore(data.dir, log);
    expect(store.recovered).toEqual([]);
    expect(lines).toEqual([]);
  });
});
