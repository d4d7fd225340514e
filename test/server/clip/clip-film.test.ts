/** clip.mp4 of a real clip in a real store, asked for as browsers, curl and phones do. */
import { execFile } from 'node:child_process';
import { copyFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodedHashes, facts, HlsClip } from '../../media/fmp4/hls-clip.ts';
import { addEvent, type House, ID, openHouse, rawRequest, TestClip } from '../house.ts';

const exec = promisify(execFile);

let clip: HlsClip;
beforeAll(async () => {
  clip = await HlsClip.open();
  await clip.encode({ seconds: 4, withAudio: true });
});
afterAll(async () => await clip[Symbol.asyncDispose]());

let house: House;
beforeEach(async () => {
  house = await openHouse({ holdMs: 300 });
});
afterEach(async () => await house[Symbol.asyncDispose]());

const at = (more = ''): string => `${house.url}/events/${ID}/clip.mp4${more}`;

async function fill(folder: string): Promise<string> {
  for (const name of await readdir(clip.folder)) await copyFile(join(clip.folder, name), join(folder, name));
  await writeFile(join(folder, 'index.m3u8'), clip.playlist);
  return folder;
}

/** A closed event with this clip. */
async function recorded(): Promise<string> {
  return await fill(await addEvent(house, 'ready'));
}

async function whole(): Promise<Buffer> {
  return Buffer.from(await (await fetch(at())).arrayBuffer());
}

describe('clip.mp4', () => {
  it('is one file that ffmpeg decodes like the segments, as long as it says', async () => {
    const folder = await recorded();
    const before = await readdir(folder);
    const answer = await fetch(at());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
    expect(await readdir(folder)).toEqual(before);
    const path = join(house.dir, 'got.mp4');
    await writeFile(path, bytes);
    expect(await decodedHashes(path)).toEqual(await decodedHashes(join(folder, 'index.m3u8')));
    expect(Number((await facts(path, 'a'))['duration'])).toBeCloseTo(4, 1);
  });

  it('has a name to be kept under only where it is to be downloaded', async () => {
    await recorded();
    const name = /filename="front-2026-11-20-\d{6}\.mp4"$/;
    const shown = (await fetch(at(), { method: 'HEAD' })).headers.get('content-disposition');
    expect(shown).toMatch(/^inline/);
    const kept = (await fetch(at('?download'), { method: 'HEAD' })).headers.get('content-disposition');
    expect(kept).toMatch(/^attachment/);
    expect(kept).toMatch(name);
  });

  it('answers any range with exactly these bytes', async () => {
    await recorded();
    const all = await whole();
    const last = all.length - 1;
    const cases: [string, number, number][] = [
      ['bytes=0-1', 0, 1],
      ['bytes=0-', 0, last],
      ['bytes=-5', last - 4, last],
      [`bytes=${last}-`, last, last],
      ['bytes=1000-1999', 1000, 1999],
      ['bytes=3000-60000', 3000, 60_000],
      [`bytes=100-${all.length * 2}`, 100, last],
    ];
    for (const [range, start, end] of cases) {
      const part = await fetch(at(), { headers: { range } });
      expect([range, part.status, part.headers.get('content-range')]).toEqual([
        range,
        206,
        `bytes ${start}-${end}/${all.length}`,
      ]);
      expect(part.headers.get('content-length')).toBe(String(end - start + 1));
      expect(Buffer.from(await part.arrayBuffer()).equals(all.subarray(start, end + 1)), range).toBe(true);
    }
    for (let start = 0; start < all.length; start += 7919) {
      const part = await fetch(at(), { headers: { range: `bytes=${start}-${start + 99}` } });
      expect(Buffer.from(await part.arrayBuffer()).equals(all.subarray(start, start + 100)), String(start)).toBe(true);
    }
    const beyond = await fetch(at(), { headers: { range: `bytes=${all.length}-` } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${all.length}`]);
    expect(beyond.headers.get('content-type')).toContain('application/problem+json');
    const odd = await fetch(at(), { headers: { range: 'pictures=1-2' } });
    expect([odd.status, (await odd.arrayBuffer()).byteLength]).toEqual([200, all.length]);
  });

  it('answers any range of a clip with a fragment per picture', async () => {
    await using packets = await HlsClip.open();
    await packets.encodePackets({ seconds: 3, withAudio: true });
    const folder = await addEvent(house, 'ready');
    for (const name of await readdir(packets.folder)) await copyFile(join(packets.folder, name), join(folder, name));
    await writeFile(join(folder, 'index.m3u8'), packets.playlist);
    const all = await whole();
    const path = join(house.dir, 'got.mp4');
    await writeFile(path, all);
    expect(await decodedHashes(path)).toEqual(await decodedHashes(await packets.part('init.mp4')));
    for (let start = 0; start < all.length; start += 4999) {
      const part = await fetch(at(), { headers: { range: `bytes=${start}-${start + 4444}` } });
      expect(Buffer.from(await part.arrayBuffer()).equals(all.subarray(start, start + 4445)), String(start)).toBe(true);
    }
  });

  it('breaks off where a segment became shorter, so that nobody takes half a clip for a whole one', async () => {
    const folder = await recorded();
    await (await fetch(at(), { method: 'HEAD' })).arrayBuffer();
    const path = join(folder, '00002.m4s');
    await truncate(path, 2000);
    await expect(whole()).rejects.toThrow();
  });

  it('is revalidated by its ETag, and a range of something older becomes the whole', async () => {
    await recorded();
    const { headers } = await fetch(at(), { method: 'HEAD' });
    const etag = headers.get('etag') ?? '';
    const path = `/events/${ID}/clip.mp4`;
    expect((await rawRequest(house.url, { path, headers: { 'if-none-match': etag } })).status).toBe(304);
    const same = await fetch(at(), { headers: { range: 'bytes=0-1', 'if-range': etag } });
    expect(same.status).toBe(206);
    const other = await fetch(at(), { headers: { range: 'bytes=0-1', 'if-range': '"other"' } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  it('is continued by curl where it stopped', async () => {
    await recorded();
    const all = await whole();
    const path = join(house.dir, 'half.mp4');
    await writeFile(path, all.subarray(0, 12_345));
    await exec('curl', ['-sS', '--fail', '-C', '-', '-o', path, at('?download')]);
    expect((await facts(path))['nb_read_packets']).toBe('40');
  });

  it('of an open event is what is listed so far, held until something is', async () => {
    const folder = await fill(await addEvent(house, 'open'));
    const open = new TestClip(folder);
    house.store.attach(ID, open);
    expect((await fetch(at())).status).toBe(503);
    const soFar = clip.playlist.split('#EXT-X-PROGRAM-DATE-TIME').slice(0, 3).join('#EXT-X-PROGRAM-DATE-TIME');
    open.play(soFar);
    const answer = await fetch(at());
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const path = join(house.dir, 'got.mp4');
    await writeFile(path, Buffer.from(await answer.arrayBuffer()));
    expect(await decodedHashes(path)).toHaveLength(20);
  });

  it('is 410 where the video is gone, 404 where there is no event, 409 where the files are not what they should be', async () => {
    expect((await fetch(at())).status).toBe(404);
    const folder = await recorded();
    await writeFile(join(folder, '00001.m4s'), 'rubbish that is no segment');
    const answer = await fetch(at());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([409, 'application/problem+json']);
    await rm(join(folder, '00001.m4s'));
    expect((await fetch(at())).status).toBe(410);
  });

  it('never leaves the folder, whatever the playlist says', async () => {
    const folder = await recorded();
    await writeFile(join(folder, 'index.m3u8'), clip.playlist.replace('00001.m4s', '../../../secret.m4s'));
    expect((await fetch(at())).status).toBe(409);
  });
});
