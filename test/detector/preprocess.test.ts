import { describe, expect, it } from 'vitest';
import { preprocessor } from '../../src/detector/preprocess.ts';

const MEAN = [103.53, 116.28, 123.675] as const;
const STD = [57.375, 57.12, 58.395] as const;
const PIXELS = [
  { r: 255, g: 0, b: 128 },
  { r: 1, g: 2, b: 3 },
  { r: 114, g: 114, b: 114 },
  { r: 0, g: 255, b: 77 },
];

/** What ffmpeg's gbrp puts on the pipe. */
const gbrp = Uint8Array.from([...PIXELS.map(({ g }) => g), ...PIXELS.map(({ b }) => b), ...PIXELS.map(({ r }) => r)]);

describe('preprocessing', () => {
  it.each([
    { channels: 'bgr', order: ['b', 'g', 'r'] },
    { channels: 'rgb', order: ['r', 'g', 'b'] },
  ] as const)('puts planes in the order $channels and normalises each by its own mean and deviation', ({ channels, order }) => {
    const prepare = preprocessor({ type: 'float32', layout: 'nchw' }, { channels, mean: MEAN, std: STD });
    const { data: tensor, dims } = prepare(gbrp, { widthPx: 4, heightPx: 1 });
    expect(dims).toEqual([1, 3, 1, 4]);
    const naive = order.flatMap((channel, i) => PIXELS.map((pixel) => (pixel[channel] - MEAN[i]!) / STD[i]!));
    for (const [i, expected] of naive.entries()) expect(tensor[i]).toBeCloseTo(expected, 5);
  });
});
