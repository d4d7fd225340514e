/** A plain MP4 made of fragments, against what ffmpeg decodes of the fragments themselves. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boxesIn, fileOf, Mp4Error } from '../../../src/media/fmp4/boxes.ts';
import { type Mp4Part, type VirtualMp4, virtualMp4Of } from '../../../src/media/fmp4/virtual-mp4.ts';
import { readTracks } from '../../../src/media/fmp4/tracks.ts';
import { indexSegment } from '../../../src/server/clip/segment-index.ts';
import { decodedHashes, facts, FIRST_AT_MS, HlsClip, type RunOptions } from './hls-clip.ts';

async function partsOf(clip: HlsClip): Promise<Mp4Part[]> {
  const parts: Mp4Part[] = [];
  for (const initName of new Set(clip.segments.map((segment) => segment.initName ?? ''))) {
    const init = await clip.read(initName);
    const names = clip.segments.filter((segment) => segment.initName === initName).map(({ name }) => name);
    const segments: Mp4Part['segments'][number][] = [];
    for (const name of names) segments.push(await indexSegment(join(clip.folder, name), name, readTracks(init)));
    parts.push({ init, segments });
  }
  return parts;
}

/** Writes the MP4 as it would be sent, and what a player of the fragments gets, beside it. */
async function written(clip: HlsClip): Promise<{ mp4: VirtualMp4; path: string; playlist: string; bytes: Buffer }> {
  const mp4 = virtualMp4Of(await partsOf(clip), { createdAtMs: FIRST_AT_MS });
  const bytes = [mp4.head];
  for (const { name, at, bytes: length } of mp4.pieces) {
    await using file = await open(join(clip.folder, name));
    const piece = Buffer.alloc(length);
    await file.read(piece, 0, length, at);
    bytes.push(piece);
  }
  const path = join(clip.folder, 'clip.mp4');
  const playlist = join(clip.folder, 'index.m3u8');
  await writeFile(path, Buffer.concat(bytes));
  await writeFile(playlist, clip.playlist);
  return { mp4, path, playlist, bytes: Buffer.concat(bytes) };
}

const KINDS: [string, RunOptions][] = [
  ['what the recorder’s encoder writes', {}],
  ['sound beside the picture', { withAudio: true }],
  ['pictures that are decoded in another order than shown', { encoder: ['-bf', '2'], withAudio: true }],
  ['an odd rate', { fps: 7, seconds: 4 }],
  ['offsets from the start of the file', { movflags: 'movflags=+frag_keyframe+empty_moov' }],
];

describe('an MP4 made of fragments', () => {
  it.each(KINDS)('decodes to the same pictures and sounds as its fragments: %s', async (_, run) => {
    await using clip = await HlsClip.open();
    await clip.encode(run);
    const { mp4, path, playlist, bytes } = await written(clip);
    expect(mp4.totalBytes).toBe(bytes.length);
    expect(boxesIn(fileOf(bytes)).map(({ type }) => type)).toEqual(['ftyp', 'moov', 'mdat']);
    const { fps = 10, seconds = 3 } = run;
    const hashes = await decodedHashes(path);
    expect(hashes).toHaveLength(fps * seconds);
    expect(hashes).toEqual(await decodedHashes(playlist));
    expect(Math.abs(mp4.durationMs - seconds * 1000)).toBeLessThanOrEqual(1000 / fps);
    const video = await facts(path);
    expect(Number(video['start_time'])).toBeCloseTo(0, 3);
    expect(Math.abs(Number(video['duration']) - seconds)).toBeLessThanOrEqual(1 / fps);
    if (run.withAudio !== true) return;
    const sound = await facts(path, 'a');
    expect(sound['codec_name']).toBe('aac');
    // A frame of AAC is 21 ms.
    expect(Math.abs(Number(sound['duration']) - seconds)).toBeLessThan(0.05);
    expect(Math.abs((await decodedHashes(path, 'a')).length - (await decodedHashes(playlist, 'a')).length)).toBeLessThanOrEqual(
      1,
    );
  });

  it('goes on where a second encoder did, with one description where both wrote the same', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 2 });
    await clip.encode({ seconds: 2, firstSegment: 2, offsetS: 2, initName: 'init-1.mp4' });
    const { path, playlist, mp4 } = await written(clip);
    expect(mp4.head.toString('latin1').split('avcC')).toHaveLength(2);
    expect(await decodedHashes(path)).toEqual(await decodedHashes(playlist));
    expect(Number((await facts(path))['duration'])).toBeCloseTo(4, 2);
  });

  it('moves a part whose time begins anew behind the part before it', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 2, withAudio: true });
    await clip.encode({ seconds: 2, withAudio: true, firstSegment: 2, initName: 'init-1.mp4' });
    const { path } = await written(clip);
    expect(Number((await facts(path))['duration'])).toBeCloseTo(4, 1);
    expect(await decodedHashes(path)).toHaveLength(40);
    expect(Number((await facts(path, 'a'))['duration'])).toBeCloseTo(4, 1);
  });

  it('keeps a hole in time as a longer picture', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 1 });
    await clip.encode({ seconds: 1, firstSegment: 1, offsetS: 3, initName: 'init-1.mp4' });
    const { path } = await written(clip);
    expect(Number((await facts(path))['duration'])).toBeCloseTo(4, 2);
    expect(await decodedHashes(path)).toHaveLength(20);
  });

  it('has a description for each encoder that wrote otherwise', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 2 });
    const other = ['-bf', '0', '-coder', 'vlc', '-x264-params', 'ref=1:8x8dct=0'];
    await clip.encode({ seconds: 2, firstSegment: 2, offsetS: 2, initName: 'init-1.mp4', encoder: other });
    const { path, mp4 } = await written(clip);
    expect(mp4.head.toString('latin1').split('avcC')).toHaveLength(3);
    const parts = [await decodedHashes(await clip.part('init.mp4')), await decodedHashes(await clip.part('init-1.mp4'))];
    expect(await decodedHashes(path)).toEqual(parts.flat());
  });

  it('gathers a fragment per picture', async () => {
    await using clip = await HlsClip.open();
    await clip.encodePackets({ withAudio: true });
    const { path, playlist } = await written(clip);
    expect(clip.segments).toHaveLength(3);
    expect(await decodedHashes(path)).toEqual(await decodedHashes(playlist));
    expect(await decodedHashes(path, 'a')).toEqual(await decodedHashes(await clip.part('init.mp4'), 'a'));
    expect(Number((await facts(path))['duration'])).toBeCloseTo(3, 1);
  });

  it('seeks to any second', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 5, withAudio: true });
    const { path } = await written(clip);
    const whole = await decodedHashes(path);
    for (const second of [1, 3, 4]) {
      expect(await decodedHashes(path, 'v', ['-ss', String(second)])).toEqual(whole.slice(second * 10));
    }
  });
});

describe('fragments that lie', () => {
  it('are refused', async () => {
    await using clip = await HlsClip.open();
    await clip.encode({ seconds: 1 });
    const [part] = await partsOf(clip);
    const [segment] = part!.segments;
    const run = segment!.runs[0]!;
    const beyond = { ...segment!, runs: [{ ...run, samples: [{ ...run.samples[0]!, bytes: 1e9 }] }] };
    expect(() => virtualMp4Of([{ init: part!.init, segments: [beyond] }])).toThrow(Mp4Error);
    expect(() => virtualMp4Of([{ init: part!.init, segments: [] }])).toThrow('Expected video in the segments but found none');
    expect(() => virtualMp4Of([{ init: part!.init.subarray(0, 40), segments: [] }])).toThrow(Mp4Error);
    const torn = (await clip.read('00000.m4s')).subarray(0, -5);
    await writeFile(join(clip.folder, '00001.m4s'), torn);
    await expect(indexSegment(join(clip.folder, '00001.m4s'), '00001.m4s', readTracks(part!.init))).rejects.toThrow('torn');
  });
});
