import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInit, countFrames } from '../../../src/media/fmp4/whole.ts';
import { box, u32 } from './box.ts';

const trun = (frames: number): Buffer => box('trun', u32(0, frames));
const segment = (frames: number): Buffer => Buffer.concat([box('moof', box('traf', trun(frames))), box('mdat', 'video')]);

describe('countFrames', () => {
  it('adds up the runs of all fragments', () => {
    expect(countFrames(Buffer.concat([segment(3), segment(2)]))).toBe(5);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'Expected an mdat box in the segment but found none'],
    ['a file without frames', segment(0), 'Expected at least one frame in the segment but found none'],
    ['a cut header', segment(1).subarray(0, -12), 'Expected a box at byte 32 but only 1 bytes are left'],
    ['a cut box', segment(1).subarray(0, -2), 'Expected 13 bytes for box mdat at byte 32 but the file ends after 11'],
    ['zeroes', Buffer.alloc(64), 'Expected a size for box \0\0\0\0 at byte 0 but received 0'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => countFrames(bytes)).toThrow(message);
  });

  it('knows boxes of 64 bit sizes', () => {
    const large = Buffer.alloc(20);
    large.writeUInt32BE(1);
    large.write('mdat', 4, 'latin1');
    large.writeBigUInt64BE(20n, 8);
    expect(countFrames(Buffer.concat([box('moof', box('traf', trun(4))), large]))).toBe(4);
  });
});

describe('what ffmpeg writes', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lookout-boxes-'));
    const hls = ['-f', 'hls', '-hls_time', '1', '-hls_segment_type', 'fmp4', '-hls_segment_filename', '%05d.m4s', 'index.m3u8'];
    const argv = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=12:duration=2', '-g', '12', ...hls];
    await promisify(execFile)('ffmpeg', argv, { cwd: folder });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is whole, and truncated at any byte it is not', async () => {
    const bytes = await readFile(join(folder, '00000.m4s'));
    const init = await readFile(join(folder, 'init.mp4'));
    expect(countFrames(bytes)).toBe(12);
    checkInit(init);
    for (let end = 0; end < bytes.length; end += 97) expect(() => countFrames(bytes.subarray(0, end))).toThrow('Expected');
    for (let end = 0; end < init.length; end += 7) expect(() => checkInit(init.subarray(0, end))).toThrow('Expected');
  });
});
