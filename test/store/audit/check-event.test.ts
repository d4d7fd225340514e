/** One event looked at deeply: what players would refuse is said, file by file; clips of every kind that is recorded are fine. */
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkEvent } from '../../../src/store/audit/check-event.ts';
import { type Finding, isRepairable } from '../../../src/store/audit/finding.ts';
import { describeFiles } from '../../../src/store/recovery/recovery.ts';
import { HlsClip, type RunOptions } from '../../media/fmp4/hls-clip.ts';
import { record } from '../folder.ts';

/** As if the clip had been recorded like that: all hashes are right. */
async function found(clip: HlsClip, { isDeep = true, playlist = clip.playlist } = {}): Promise<readonly Finding[]> {
  await writeFile(join(clip.folder, 'index.m3u8'), playlist);
  const files = await describeFiles(
    clip.folder,
    clip.segments.map(({ initName = '', ...segment }) => ({ ...segment, initName })),
  );
  expect(files.length).toBe((await readdir(clip.folder)).length);
  const durationMs = clip.segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  const { findings } = await checkEvent(clip.folder, record('ready', { files, durationMs }), { isDeep });
  return findings;
}

async function encoded(run: RunOptions): Promise<HlsClip> {
  const clip = await HlsClip.open();
  await clip.encode(run);
  return clip;
}

describe('an event looked at deeply', () => {
  it.each<[string, RunOptions]>([
    ['pictures', {}],
    ['pictures and sound', { withAudio: true }],
    ['the highest level that browsers play', { encoder: ['-bf', '0', '-level', '5.2'] }],
    ['B-frames', { encoder: ['-bf', '2'] }],
  ])('has no findings: %s', async (_, run) => {
    await using clip = await encoded(run);
    expect(await found(clip)).toEqual([]);
  });

  it('has none where the clock of the camera was set, or a segment is larger than what is held', async () => {
    await using clip = await encoded({ seconds: 2 });
    await clip.encode({ firstSegment: 2, offsetS: 2, initName: 'init-1.mp4' });
    const free = Buffer.alloc(9_000_000);
    free.writeUInt32BE(free.length);
    free.write('free', 4);
    await appendFile(join(clip.folder, '00003.m4s'), free);
    expect(await found(clip, { playlist: clip.playlist.replace(/14:02:01\.000Z/, '15:30:00.000Z') })).toEqual([]);
  });

  it('says what players refuse, which nobody can repair', async () => {
    await using clip = await encoded({ encoder: ['-bf', '0', '-profile:v', 'high444', '-pix_fmt', 'yuv444p'] });
    const findings = await found(clip);
    expect(findings).toContainEqual({
      kind: 'not conformant',
      camera: 'front',
      id: record('ready').id,
      file: 'init.mp4',
      sentence: 'chroma format 3, expected 4:2:0',
    });
    expect(findings.some(isRepairable)).toBe(false);
    expect(await found(clip, { isDeep: false })).toEqual([]);
  });

  it('says what is damaged alone, as long as it is', async () => {
    await using clip = await encoded({ encoder: ['-bf', '0', '-profile:v', 'high444', '-pix_fmt', 'yuv444p'] });
    await appendFile(join(clip.folder, '00001.m4s'), Buffer.alloc(5));
    expect((await found(clip)).map(({ kind, file }) => [kind, file])).toEqual([['torn segment', '00001.m4s']]);
    const endless = clip.playlist.replace('#EXT-X-ENDLIST\n', '');
    expect((await found(clip, { playlist: endless })).map(({ kind }) => kind)).toEqual(['playlist', 'torn segment']);
  });
});
