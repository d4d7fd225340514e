import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readAacConfig, silentFrame } from '../../../src/media/fmp4/aac.ts';
import { Mp4Error } from '../../../src/media/fmp4/boxes.ts';
import { fragmentHead } from '../../../src/media/fmp4/muxer.ts';

const exec = promisify(execFile);

describe('AAC', () => {
  it.each([
    { layout: 'mono', channels: 1, rate: 16_000 },
    { layout: 'stereo', channels: 2, rate: 48_000 },
  ])('of $channels channels is recognised, and its silent frame is silence', async ({ layout, channels, rate }) => {
    const folder = await mkdtemp(join(tmpdir(), 'lookout-aac-'));
    try {
      const source = ['-f', 'lavfi', '-i', `anullsrc=r=${rate}:cl=${layout}`, '-t', '1', '-c:a', 'aac'];
      await exec('ffmpeg', ['-v', 'error', ...source, '-movflags', 'empty_moov+default_base_moof', join(folder, 'a.mp4')]);
      const bytes = await readFile(join(folder, 'a.mp4'));
      const init = bytes.subarray(0, bytes.indexOf('moof', 0, 'latin1') - 4);
      const config = readAacConfig(init)!;
      expect(config).toEqual({ objectType: 2, channels });
      const silence = silentFrame(config)!;
      const samples = Array.from({ length: 50 }, () => ({ durationTicks: 1024, offsetTicks: 0, isKey: true, data: silence }));
      const head = fragmentHead(1, [{ trackId: 1, startTicks: 0, samples }]);
      await writeFile(join(folder, 's.mp4'), Buffer.concat([init, head, ...samples.map(({ data }) => data)]));
      const { stderr } = await exec('ffmpeg', [
        '-v',
        'info',
        '-i',
        join(folder, 's.mp4'),
        '-af',
        'volumedetect',
        '-f',
        'null',
        '-',
      ]);
      expect(stderr).toMatch(/max_volume: -(9\d|inf)/);
      expect(stderr).not.toMatch(/error|invalid/i);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is not what has no description, and what has half of one is refused', () => {
    expect(readAacConfig(Buffer.from('ftypmoov'))).toBeUndefined();
    expect(() => readAacConfig(Buffer.concat([Buffer.from('esds'), Buffer.alloc(20)]))).toThrow(Mp4Error);
    expect(silentFrame({ objectType: 5, channels: 2 })).toBeUndefined();
  });
});
