import { describe, expect, it } from 'vitest';
import { BGR_IMAGENET, RGB_IMAGENET, RGB_UNIT } from '../../src/detector/family.ts';
import { floatToHalf, halfToFloat, widenHalfs } from '../../src/detector/half.ts';
import { preprocessor } from '../../src/detector/preprocess.ts';

const MEAN = [103.53, 116.28, 123.675] as const;
const STD = [57.375, 57.12, 58.395] as const;
const COLOURS = [
  { r: 255, g: 0, b: 128 },
  { r: 1, g: 2, b: 3 },
  { r: 114, g: 114, b: 114 },
  { r: 0, g: 255, b: 77 },
];

/** What ffmpeg's gbrp puts on the pipe. */
const gbrp = Uint8Array.from([...COLOURS.map(({ g }) => g), ...COLOURS.map(({ b }) => b), ...COLOURS.map(({ r }) => r)]);

/** Two pixels: red 255, green 128, blue 0, and 10, 20, 30; in the order of gbrp. */
const PIXELS = Uint8Array.of(128, 20, 0, 30, 255, 10);
const SIZE = { widthPx: 2, heightPx: 1 };

describe('a frame becomes the model’s picture', () => {
  it('in planes of floats, RGB or BGR, normalised', () => {
    const unit = preprocessor({ type: 'float32', layout: 'nchw' }, RGB_UNIT)(PIXELS, SIZE);
    expect(unit.dims).toEqual([1, 3, 1, 2]);
    expect([...(unit.data as Float32Array)].map((value) => Math.round(value * 255))).toEqual([255, 10, 128, 20, 0, 30]);
    const rgb = preprocessor({ type: 'float32', layout: 'nchw' }, RGB_IMAGENET)(PIXELS, SIZE).data as Float32Array;
    const bgr = preprocessor({ type: 'float32', layout: 'nchw' }, BGR_IMAGENET)(PIXELS, SIZE).data as Float32Array;
    expect(rgb[0]).toBeCloseTo((255 - 123.675) / 58.395, 5);
    expect(bgr[4]).toBeCloseTo(rgb[0] ?? 0, 5);
  });

  it('pixel by pixel, in bytes and in half floats', () => {
    const bytes = preprocessor({ type: 'uint8', layout: 'nhwc' }, RGB_UNIT)(PIXELS, SIZE);
    expect(bytes.dims).toEqual([1, 1, 2, 3]);
    expect([...(bytes.data as Uint8Array)]).toEqual([255, 128, 0, 10, 20, 30]);
    const halfs = preprocessor({ type: 'float16', layout: 'nhwc' }, RGB_UNIT)(PIXELS, SIZE);
    expect(halfs.type).toBe('float16');
    const data = halfs.data as unknown as Uint16Array;
    const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
    expect([...bits].map((value) => Math.round(halfToFloat(value) * 255))).toEqual([255, 128, 0, 10, 20, 30]);
  });

  it('in the same memory frame after frame, and in another for another size', () => {
    const prepare = preprocessor({ type: 'float32', layout: 'nchw' }, RGB_UNIT);
    const first = prepare(PIXELS, SIZE);
    expect(prepare(PIXELS, SIZE)).toBe(first);
    expect(prepare(PIXELS, { widthPx: 1, heightPx: 2 }).dims).toEqual([1, 3, 2, 1]);
  });

  it.each([
    { channels: 'bgr', order: ['b', 'g', 'r'] },
    { channels: 'rgb', order: ['r', 'g', 'b'] },
  ] as const)('puts planes in the order $channels and normalises each by its own mean and deviation', ({ channels, order }) => {
    const prepare = preprocessor({ type: 'float32', layout: 'nchw' }, { channels, mean: MEAN, std: STD });
    const { data: tensor, dims } = prepare(gbrp, { widthPx: 4, heightPx: 1 });
    expect(dims).toEqual([1, 3, 1, 4]);
    const naive = order.flatMap((channel, i) => COLOURS.map((pixel) => (pixel[channel] - MEAN[i]!) / STD[i]!));
    for (const [i, expected] of naive.entries()) expect(tensor[i]).toBeCloseTo(expected, 5);
  });
});

describe('half floats', () => {
  it('come back as they went', () => {
    for (const value of [0, 1, -1, 0.5, 2 ** -14, 2 ** -24, 65_504, 1 / 3, 640.5, -2.25]) {
      const back = halfToFloat(floatToHalf(value));
      expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11);
    }
    expect(halfToFloat(0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(halfToFloat(0x7e00)).toBeNaN();
    expect(floatToHalf(1)).toBe(0x3c00);
  });

  it('of every bit pattern round to themselves', () => {
    const target = new Float32Array(65_536);
    widenHalfs(
      Uint16Array.from({ length: 65_536 }, (_, i) => i),
      target,
    );
    for (let bits = 0; bits < 0x7c00; bits++)
      if (floatToHalf(target[bits] ?? 0) !== bits) throw new Error(`Expected ${bits} to come back`);
  });
});

describe('planes of floats', () => {
  it('are the same by vectors as one by one, whatever the size of the frame', () => {
    for (const [widthPx, heightPx] of [
      [1, 1],
      [5, 3],
      [16, 1],
      [17, 7],
      [96, 64],
    ] as const) {
      const pixels = widthPx * heightPx;
      const frame = Uint8Array.from({ length: 3 * pixels }, (_, i) => (i * 37 + (i >> 4)) & 255);
      const prepare = preprocessor({ type: 'float32', layout: 'nchw' }, { channels: 'rgb', mean: MEAN, std: STD });
      const floats = prepare(frame, { widthPx, heightPx }).data as Float32Array;
      // Green, blue, red → red, green, blue.
      const naive = [2, 0, 1].flatMap((plane, i) =>
        Array.from(frame.subarray(plane * pixels, (plane + 1) * pixels), (value) => (value - MEAN[i]!) / STD[i]!),
      );
      expect(floats).toHaveLength(naive.length);
      expect(naive.every((value, i) => Math.abs(value - floats[i]!) < 1e-5)).toBe(true);
    }
  });
});
