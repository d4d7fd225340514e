/**
 * A photo → a model's frame, by the arithmetic of OpenCV: what the authors of a family fed their models with, so that a model can
 * be compared with what others found. Cameras go another way: ffmpeg scales them, and always averages. Pure.
 */
import type { SizePx } from '../messages/video.ts';
import type { Resampling } from './family.ts';
import type { FrameShape } from './shape.ts';

/** Pixels of red, green, blue, row by row. */
export interface Bitmap extends SizePx {
  readonly rgb: Uint8Array;
}

/** Planar G, B, R, as the detector gets it. */
export function frameOf(bitmap: Bitmap, { shape, how }: { shape: FrameShape; how: Resampling }): Uint8Array {
  const { picture, border } = shape;
  const pixels = shape.widthPx * shape.heightPx;
  const frame = new Uint8Array(pixels * 3).fill(border);
  const rgb = resize(bitmap, { size: picture, how });
  for (let y = 0; y < picture.heightPx; y++) {
    let to = (y + picture.topPx) * shape.widthPx + picture.leftPx;
    let from = y * picture.widthPx * 3;
    for (let x = 0; x < picture.widthPx; x++, to++, from += 3) {
      frame[to] = rgb[from + 1] as number;
      frame[pixels + to] = rgb[from + 2] as number;
      frame[2 * pixels + to] = rgb[from] as number;
    }
  }
  return frame;
}

/** First across, then down; whole numbers come of it only at the end. */
function resize({ rgb, widthPx, heightPx }: Bitmap, { size, how }: { size: SizePx; how: Resampling }): Uint8Array {
  if (widthPx === size.widthPx && heightPx === size.heightPx) return rgb;
  // OpenCV averages only where both sides become smaller.
  const isMean = how === 'area' && widthPx >= size.widthPx && heightPx >= size.heightPx;
  const across = tapsOf(widthPx, { out: size.widthPx, isMean });
  const down = tapsOf(heightPx, { out: size.heightPx, isMean });
  const rowLength = size.widthPx * 3;
  const narrow = new Float32Array(rowLength * heightPx);
  for (let row = 0; row < heightPx; row++) {
    const source = rgb.subarray(row * widthPx * 3, (row + 1) * widthPx * 3);
    mixPixels(source, { taps: across, target: narrow.subarray(row * rowLength, (row + 1) * rowLength) });
  }
  const small = new Uint8Array(rowLength * size.heightPx);
  const sum = new Float64Array(rowLength);
  for (let row = 0; row < size.heightPx; row++) {
    sum.fill(0);
    for (let tap = down.starts[row] as number; tap < (down.starts[row + 1] as number); tap++) {
      const from = (down.indices[tap] as number) * rowLength;
      const weight = down.weights[tap] as number;
      for (let i = 0; i < rowLength; i++) sum[i] = (sum[i] as number) + weight * (narrow[from + i] as number);
    }
    for (let i = 0; i < rowLength; i++) small[row * rowLength + i] = Math.round(sum[i] as number);
  }
  return small;
}

/** Which pixels make pixel `i`, and by how much: `indices` and `weights` from `starts[i]` to `starts[i + 1]`. */
interface Taps {
  readonly starts: Int32Array;
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

function mixPixels(
  source: Uint8Array,
  { taps: { starts, indices, weights }, target }: { taps: Taps; target: Float32Array },
): void {
  for (let out = 0; out < starts.length - 1; out++) {
    let [red, green, blue] = [0, 0, 0];
    for (let tap = starts[out] as number; tap < (starts[out + 1] as number); tap++) {
      const at = (indices[tap] as number) * 3;
      const weight = weights[tap] as number;
      red += weight * (source[at] as number);
      green += weight * (source[at + 1] as number);
      blue += weight * (source[at + 2] as number);
    }
    target[3 * out] = red;
    target[3 * out + 1] = green;
    target[3 * out + 2] = blue;
  }
}

function tapsOf(length: number, { out, isMean }: { out: number; isMean: boolean }): Taps {
  const scale = length / out;
  const starts = new Int32Array(out + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < out; i++) {
    const taps = isMean ? meanTaps(i * scale, { scale, length }) : linearTaps((i + 0.5) * scale - 0.5, length);
    for (const [index, weight] of taps) {
      indices.push(index);
      weights.push(weight);
    }
    starts[i + 1] = indices.length;
  }
  return { starts, indices, weights };
}

type Tap = readonly [index: number, weight: number];

/** Each pixel by the share of it that falls into the new one. */
function meanTaps(start: number, { scale, length }: { scale: number; length: number }): Tap[] {
  const found: Tap[] = [];
  for (let index = Math.floor(start); index < Math.min(length, start + scale); index++) {
    const share = Math.min(start + scale, index + 1) - Math.max(start, index);
    if (share > 1e-9) found.push([index, share / scale]);
  }
  return found;
}

/** The two nearest, however many lie between. */
function linearTaps(place: number, length: number): Tap[] {
  const low = Math.floor(place);
  const inside = (index: number): number => Math.min(length - 1, Math.max(0, index));
  return [
    [inside(low), 1 - (place - low)],
    [inside(low + 1), place - low],
  ];
}
