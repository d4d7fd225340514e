import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import type { SizePx } from '../../src/messages/video.ts';
import { readerCommand, streamFrame, streamHeader, yuv420pToBgr24 } from '../../src/output/pixel-stream.ts';
import { formatOf, yuvBytes } from './frames.ts';
import { expectNoLeftovers } from '../leftovers.ts';

expectNoLeftovers();

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lookout-output-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function run(command: string, args: readonly string[]): Promise<Buffer> {
  await using child = await Child.start({ name: command, command, args, stdin: 'ignore', dieWithParent: true });
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  const { code, stderr } = await child.exited;
  if (code !== 0) throw new Error(`${command} failed: ${stderr.join('\n')}`);
  return Buffer.concat(pieces);
}

/** One colourful frame, made by ffmpeg itself. */
async function testPicture({ widthPx, heightPx }: SizePx): Promise<Buffer> {
  const source = `testsrc2=rate=1,scale=${widthPx}:${heightPx}`;
  const output = ['-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'];
  return await run('ffmpeg', ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', source, ...output]);
}

describe('a y4m stream', () => {
  it.each([
    { widthPx: 320, heightPx: 180, framesPerSlot: 3 },
    { widthPx: 50, heightPx: 34, framesPerSlot: 1 },
  ])('of $widthPx × $heightPx is read by ffmpeg as what it is', async ({ framesPerSlot, ...size }) => {
    const { record } = formatOf(size, framesPerSlot);
    const frames = [16, 120, 235].map((luma) => Buffer.alloc(yuvBytes(size), 128).fill(luma, 0, size.widthPx * size.heightPx));
    const path = join(dir, `${size.widthPx}.y4m`);
    await writeFile(
      path,
      Buffer.concat([streamHeader('y4m', record), ...frames.flatMap((frame) => streamFrame('y4m', frame, record))]),
    );
    const fields = 'width,height,pix_fmt,r_frame_rate,nb_read_frames,color_range,sample_aspect_ratio,field_order';
    const probe = ['-v', 'error', '-count_frames', '-show_entries', `stream=${fields}`, '-of', 'json', path];
    const { streams } = JSON.parse(String(await run('ffprobe', probe))) as { streams: unknown[] };
    expect(streams).toEqual([
      {
        width: size.widthPx,
        height: size.heightPx,
        pix_fmt: 'yuv420p',
        color_range: 'tv',
        sample_aspect_ratio: '1:1',
        field_order: 'progressive',
        r_frame_rate: `${5 * framesPerSlot}/1`,
        nb_read_frames: '3',
      },
    ]);
    const back = await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-']);
    expect(back.equals(Buffer.concat(frames))).toBe(true);
  });
});

describe('a bgr24 stream', () => {
  it.each([
    { widthPx: 320, heightPx: 180 },
    { widthPx: 50, heightPx: 34 },
  ])('of $widthPx × $heightPx has the colours that ffmpeg would give it', async (size) => {
    const yuv = await testPicture(size);
    const path = join(dir, 'picture.yuv');
    await writeFile(path, yuv);
    const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${size.widthPx}x${size.heightPx}`, '-i', path];
    // Point scaling of chroma, as we do; full accuracy instead of ffmpeg's fast approximation.
    const flags = 'scale=flags=neighbor+accurate_rnd+full_chroma_int:in_range=tv:in_color_matrix=bt601';
    const bytes = await run('ffmpeg', [
      '-v',
      'error',
      '-nostdin',
      ...input,
      '-vf',
      flags,
      '-pix_fmt',
      'bgr24',
      '-f',
      'rawvideo',
      '-',
    ]);
    const ours = yuv420pToBgr24(yuv, size);
    expect(ours).toHaveLength(bytes.length);
    const worst = ours.reduce((max, value, i) => Math.max(max, Math.abs(value - bytes[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(2);
  });

  it.each([
    { colour: 'black', yuv: [16, 128, 128], bgr: [0, 0, 0] },
    { colour: 'white', yuv: [235, 128, 128], bgr: [255, 255, 255] },
    { colour: 'red', yuv: [81, 90, 240], bgr: [0, 0, 254] },
    { colour: 'beyond the limits', yuv: [255, 255, 255], bgr: [255, 125, 255] },
  ])('$colour', ({ yuv: [y = 0, u = 0, v = 0], bgr }) => {
    const data = Uint8Array.from([y, y, y, y, u, v]);
    const [b, g, r] = yuv420pToBgr24(data, { widthPx: 2, heightPx: 2 });
    for (const [i, value] of [b, g, r].entries()) expect(Math.abs((value ?? 0) - bgr[i]!)).toBeLessThanOrEqual(1);
  });

  it('has no header', () => {
    expect(streamHeader('rawvideo', formatOf({ widthPx: 4, heightPx: 4 }).record)).toHaveLength(0);
  });
});

describe('the line that reads the stream', () => {
  it('is complete, and works as it stands', async () => {
    const { record } = formatOf({ widthPx: 64, heightPx: 48 });
    expect(readerCommand('y4m', record)).toBe('ffmpeg -i - out.mp4');
    const command = readerCommand('rawvideo', record);
    expect(command).toBe('ffmpeg -f rawvideo -pixel_format bgr24 -video_size 64x48 -framerate 10 -i - out.mp4');
    const path = join(dir, 'frames.bgr');
    await writeFile(path, Buffer.alloc(64 * 48 * 3 * 5, 200));
    const out = join(dir, 'out.y4m');
    const args = command
      .split(' ')
      .slice(1, -1)
      .map((word) => (word === '-' ? path : word));
    await run('ffmpeg', ['-v', 'error', '-nostdin', ...args, '-pix_fmt', 'yuv420p', out]);
    expect(String(await readFile(out)).split('FRAME').length - 1).toBe(5);
  });
});
