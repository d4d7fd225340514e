import { describe, expect, it } from 'vitest';
import { argvOfPipe, runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import { YuvCanvas } from '../../src/draw/yuv-canvas.ts';

const SIZE = { widthPx: 64, heightPx: 48 };

describe('snapshotToRgb', () => {
  it('makes the command line', () => {
    expect(argvOfPipe(snapshotToRgb(SIZE)).join(' ')).toBe(
      '-hide_banner -nostdin -loglevel level+warning -nostats -f rawvideo -pix_fmt yuv420p -video_size 64x48 -i pipe:0 ' +
        '-sws_flags bilinear+accurate_rnd+full_chroma_int -f rawvideo -pix_fmt rgb24 pipe:1',
    );
  });

  it('turns every picture given into RGB of the same colours', async () => {
    const colours = [
      [200, 40, 40],
      [40, 60, 220],
    ] as const;
    const pictures = colours.map((colour) => {
      const picture = Buffer.alloc(64 * 48 * 1.5);
      new YuvCanvas(picture, SIZE).fillRect({ x: 0, y: 0, w: 64, h: 48 }, colour);
      return picture;
    });
    const rgb = await runShortJob(snapshotToRgb(SIZE), Buffer.concat(pictures), { timeoutMs: 20_000 });
    expect(rgb).toHaveLength(2 * 64 * 48 * 3);
    for (const [i, colour] of colours.entries()) {
      const at = (i * 64 * 48 + 24 * 64 + 32) * 3;
      for (const [channel, value] of colour.entries()) expect(Math.abs(rgb[at + channel]! - value)).toBeLessThan(6);
    }
  });
});
