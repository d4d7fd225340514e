/** The stand-in for Safari, on clips of real encoders: what is fine, and what it must find. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformanceProblems } from '../../src/media/clip-conformance.ts';
import { HlsClip, type RunOptions } from './fmp4/hls-clip.ts';
import { clockProblems } from './fmp4/clip-clock.ts';
import { partsOfFolder } from './fmp4/clip-parts.ts';

async function problemsOf(clip: HlsClip, change: (playlist: string) => string = (text) => text): Promise<string[]> {
  await writeFile(join(clip.folder, 'index.m3u8'), change(clip.playlist));
  const parts = await partsOfFolder(clip.folder);
  const problems = conformanceProblems(parts).map(({ file, sentence }) => `${file}: ${sentence}`);
  return [...problems, ...clockProblems(parts.playlist)];
}

async function encoded(run: RunOptions): Promise<HlsClip> {
  const clip = await HlsClip.open();
  await clip.encode(run);
  return clip;
}

const anything = (text: string): unknown => expect.arrayContaining([expect.stringContaining(text)]);

/** The second segment is not listed. */
const without = (text: string): string =>
  text.replace(/#EXT-X-PROGRAM-DATE-TIME:[^\n]*01\.000Z\n#EXTINF:[^\n]*\n00001\.m4s\n/, '');

describe('a clip that plays everywhere', () => {
  it.each<[string, RunOptions]>([
    ['pictures', {}],
    ['pictures and sound', { withAudio: true }],
    ['Baseline', { encoder: ['-bf', '0', '-profile:v', 'baseline'] }],
    ['an odd rate', { fps: 7 }],
  ])('has no problem: %s', async (_, run) => {
    await using clip = await encoded(run);
    expect(await problemsOf(clip)).toEqual([]);
  });

  it('has none with a fragment per picture, nor in several parts', async () => {
    await using packets = await HlsClip.open();
    await packets.encodePackets({ seconds: 3 });
    expect(await problemsOf(packets)).toEqual([]);
    await using parts = await encoded({ seconds: 2 });
    await parts.encode({ seconds: 2, firstSegment: 2, offsetS: 2, initName: 'init-1.mp4' });
    expect(await problemsOf(parts)).toEqual([]);
  });
});

describe('a clip that does not', () => {
  it.each<[string, RunOptions, string]>([
    [
      '4:4:4',
      { encoder: ['-bf', '0', '-profile:v', 'high444', '-pix_fmt', 'yuv444p'] },
      'init.mp4: chroma format 3, expected 4:2:0',
    ],
    ['10 bits', { encoder: ['-bf', '0', '-profile:v', 'high10', '-pix_fmt', 'yuv420p10le'] }, '10 bits a sample, expected 8'],
    ['a high level', { encoder: ['-bf', '0', '-level', '6.1'] }, 'H.264 level 6.1, expected 5.2 at most'],
    ['another codec', { encoder: ['-c:v', 'mpeg4', '-profile:v', '0'] }, 'video in mp4v, expected avc1 or hvc1'],
  ])('is found out: %s', async (_, run, problem) => {
    await using clip = await encoded({ ...run, seconds: 1 });
    expect(await problemsOf(clip)).toEqual(anything(problem));
  });

  it('is found out by its playlist', async () => {
    await using clip = await encoded({ seconds: 3 });
    const cases: [(text: string) => string, string][] = [
      [(text) => text.replace('#EXT-X-ENDLIST\n', ''), 'index.m3u8: it does not end with EXT-X-ENDLIST'],
      [(text) => text.replace('VERSION:7', 'VERSION:3'), 'wants version 6 or later, not 3'],
      [(text) => text.replace('#EXTINF:1.000000', '#EXTINF:2.600000'), 'it lasts 2600 ms, the target duration is 1 s'],
      [(text) => text.replace('#EXTINF:1.000000', '#EXTINF:0.700000'), 'its pictures last 1000 ms, the playlist says 700 ms'],
      [(text) => text.replace('14:02:01.000Z', '14:02:01.900Z'), '00001.m4s: its time of day is 900 ms off'],
      [(text) => text.replace('00001.m4s', '00007.m4s'), '00007.m4s: it is listed but missing'],
      [(text) => text.replace(/#EXT-X-MAP.*\n/, ''), '00000.m4s: its init file (none) is missing'],
      [() => '#EXTM3U\n', 'it lists no segment'],
    ];
    for (const [change, problem] of cases) expect(await problemsOf(clip, change)).toEqual(anything(problem));
  });

  it('is found out by segments that are missing, swapped, or begin in the middle', async () => {
    await using clip = await encoded({ seconds: 3 });
    expect(await problemsOf(clip, without)).toEqual(anything('00002.m4s: its pictures are 1000 ms off what came before'));
    await using long = await encoded({ seconds: 2, encoder: ['-bf', '0', '-g', '20', '-force_key_frames', '0'] });
    const bytes = await readFile(join(long.folder, '00000.m4s'));
    await writeFile(join(clip.folder, '00000.m4s'), bytes);
    expect(await problemsOf(clip)).toEqual(anything('00000.m4s: its pictures last'));
  });
});
