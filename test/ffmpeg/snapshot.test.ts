import { describe, expect, it } from 'vitest';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import { YuvCanvas } from '../../src/draw/yuv-canvas.ts';

const SIZE = { widthPx: 64, heightPx: 48 };

describe('snapshotToRgb', () => {
  it('takes raw pictures of that size and gives RGB', () => {
    const { input, output } = snapshotToRgb(SIZE);
    expect(argvOf(input).join(' ')).toBe(
      '-hide_banner -nostdin -loglevel level+warning -nostats -f rawvideo -pix_fmt yuv420p -video_size 64x48',
    );
    expect(argvOf(output).join(' ')).toBe('-sws_flags bilinear+accurate_rnd+full_chroma_int -f rawvideo -pix_fmt rgb24');
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
