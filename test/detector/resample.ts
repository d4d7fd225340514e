/** A photo → a model's frame by the arithmetic of OpenCV, which references elsewhere were made with. Slow and plain. */
import sharp from 'sharp';
import type { FrameShape } from '../../src/detector/shape.ts';
import type { SizePx } from '../../src/messages.ts';

/** `linear`: the two nearest pixels each way, whatever the scale. `area`: the mean of all pixels that fall into one. */
export type Resampling = 'linear' | 'area';

export interface Bitmap extends SizePx {
  readonly rgb: Uint8Array;
}

export async function bitmapOf(path: string): Promise<Bitmap> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, widthPx: info.width, heightPx: info.height };
}

/** Planar G, B, R, as the detector gets it. */
export function frameOf(bitmap: Bitmap, { shape, how }: { shape: FrameShape; how: Resampling }): Uint8Array {
  const { picture, border } = shape;
  const pixels = shape.widthPx * shape.heightPx;
  const frame = new Uint8Array(pixels * 3).fill(border);
  const rgb = resize(bitmap, { size: picture, how });
  for (let y = 0; y < picture.heightPx; y++) {
    for (let x = 0; x < picture.widthPx; x++) {
      const to = (y + picture.topPx) * shape.widthPx + x + picture.leftPx;
      const from = (y * picture.widthPx + x) * 3;
      frame[to] = rgb[from + 1] ?? 0;
      frame[pixels + to] = rgb[from + 2] ?? 0;
      frame[2 * pixels + to] = rgb[from] ?? 0;
    }
  }
  return frame;
}

type Tap = readonly [index: number, weight: number];

function resize({ rgb, widthPx, heightPx }: Bitmap, { size, how }: { size: SizePx; how: Resampling }): Uint8Array {
  const across = taps(widthPx, { out: size.widthPx, how });
  const down = taps(heightPx, { out: size.heightPx, how });
  const narrow = new Float32Array(size.widthPx * heightPx * 3);
  for (let i = 0; i < narrow.length; i++) {
    const [row, x, channel] = [Math.floor(i / 3 / size.widthPx), Math.floor(i / 3) % size.widthPx, i % 3];
    narrow[i] = mix(across[x] ?? [], (at) => rgb[(row * widthPx + at) * 3 + channel] ?? 0);
  }
  const small = new Uint8Array(size.widthPx * size.heightPx * 3);
  const rowLength = size.widthPx * 3;
  for (let i = 0; i < small.length; i++) {
    const value = mix(down[Math.floor(i / rowLength)] ?? [], (at) => narrow[at * rowLength + (i % rowLength)] ?? 0);
    small[i] = Math.round(value);
  }
  return small;
}

function mix(weights: readonly Tap[], value: (index: number) => number): number {
  let sum = 0;
  for (const [index, weight] of weights) sum += weight * value(index);
  return sum;
}

function taps(length: number, { out, how }: { out: number; how: Resampling }): Tap[][] {
  const scale = length / out;
  return Array.from({ length: out }, (_, i) =>
    how === 'area' && scale > 1 ? areaTaps(i * scale, { scale, length }) : linearTaps((i + 0.5) * scale - 0.5, length),
  );
}

function areaTaps(start: number, { scale, length }: { scale: number; length: number }): Tap[] {
  const found: Tap[] = [];
  for (let index = Math.floor(start); index < Math.min(length, start + scale); index++) {
    const share = Math.min(start + scale, index + 1) - Math.max(start, index);
    if (share > 1e-9) found.push([index, share / scale]);
  }
  return found;
}

function linearTaps(place: number, length: number): Tap[] {
  const low = Math.floor(place);
  const inside = (index: number): number => Math.min(length - 1, Math.max(0, index));
  return [
    [inside(low), 1 - (place - low)],
    [inside(low + 1), place - low],
  ];
}
