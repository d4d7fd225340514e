/** Names of codecs, of what real encoders write. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { avcFactsOf, codecOf } from '../../../src/media/fmp4/codecs.ts';
import { readTracks } from '../../../src/media/fmp4/tracks.ts';

const SOURCES = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1'];

/** Sample entries of video and sound. */
async function entries(...encoder: string[]) {
  const mp4 = ['-movflags', '+frag_keyframe+empty_moov', '-f', 'mp4', 'pipe:1'];
  const argv = ['-v', 'error', ...SOURCES, ...encoder, ...mp4];
  const { stdout } = await promisify(execFile)('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e8 });
  return readTracks(stdout).map(({ descriptions }) => descriptions[0]!);
}

describe('codecOf', () => {
  it('names H.264 with profile and level, and AAC', async () => {
    const [video, sound] = await entries(
      '-c:v',
      'libx264',
      '-profile:v',
      'high',
      '-level',
      '3.1',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
    );
    expect([codecOf(video!), codecOf(sound!)]).toEqual(['avc1.64001f', 'mp4a.40.2']);
    expect(avcFactsOf(video!)).toEqual({ widthPx: 320, heightPx: 180, profile: 100, level: 31, chromaFormat: 1, bitDepth: 8 });
  });

  it('names MP3 in MP4 and Baseline', async () => {
    const encoder = ['-c:v', 'libx264', '-profile:v', 'baseline', '-level', '3.0', '-pix_fmt', 'yuv420p', '-c:a', 'libmp3lame'];
    const [video, sound] = await entries(...encoder);
    expect(codecOf(video!)).toMatch(/^avc1\.42[c0]01e$/);
    expect(codecOf(sound!)).toMatch(/^mp4a\.6[9b]$/);
  });

  it('names HEVC', async () => {
    const [video] = await entries('-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p');
    expect(codecOf(video!)).toMatch(/^hvc1\.1\.6\.L\d+(\.[0-9a-f]+)*$/);
  });
});
