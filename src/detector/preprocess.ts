/**
 * Planar G, B, R bytes, as ffmpeg's gbrp delivers them → the model's own picture: floats, half floats or bytes, planes or
 * pixels, in one pass over a table of 256 values. The tensor is made once per size and filled again for each frame.
 */
import { Tensor } from 'onnxruntime-node';
import type { SizePx } from '../messages.ts';
import type { PixelRule } from './family.ts';
import { floatToHalf } from './half.ts';
import type { PictureInput } from './picture-input.ts';

/** Which plane of gbrp is the model's first, second and third channel. */
const ORDERS = { rgb: [2, 0, 1], bgr: [1, 0, 2] } as const;

type Pixels = Float32Array | Uint16Array | Uint8Array;

/** The tensor holds the frame until the next call. */
export type Preprocess = (bytes: Uint8Array, size: SizePx) => Tensor;

export function preprocessor(input: Pick<PictureInput, 'type' | 'layout'>, rule: PixelRule): Preprocess {
  const planes = ORDERS[rule.channels].map((from, to) => ({ from, to, table: tableOf(input.type, { rule, channel: to }) }));
  let tensor: Tensor | undefined;
  let held: SizePx = { widthPx: 0, heightPx: 0 };
  return (bytes, size) => {
    if (!tensor || held.widthPx !== size.widthPx || held.heightPx !== size.heightPx) {
      tensor = emptyTensor(input, size);
      held = size;
    }
    const pixels = bytes.length / 3;
    const target = tensor.data as Pixels;
    for (const { from, to, table } of planes) {
      const source = bytes.subarray(from * pixels, (from + 1) * pixels);
      if (input.layout === 'nchw') fillPlane(source, { table, target: target.subarray(to * pixels, (to + 1) * pixels) });
      else fillEveryThird(source, { table, target: target.subarray(to) });
    }
    return tensor;
  };
}

interface Filling {
  readonly table: Pixels;
  readonly target: Pixels;
}

function fillPlane(source: Uint8Array, { table, target }: Filling): void {
  for (let i = 0; i < source.length; i++) target[i] = table[source[i] as number] as number;
}

function fillEveryThird(source: Uint8Array, { table, target }: Filling): void {
  for (let i = 0, at = 0; i < source.length; i++, at += 3) target[at] = table[source[i] as number] as number;
}

/** Models that take bytes do their own arithmetic on them. */
function tableOf(type: PictureInput['type'], { rule, channel }: { rule: PixelRule; channel: number }): Pixels {
  const scaled = (value: number): number => (value - (rule.mean[channel] ?? 0)) / (rule.std[channel] ?? 1);
  const values = Array.from({ length: 256 }, (_, value) => value);
  if (type === 'uint8') return Uint8Array.from(values);
  return type === 'float16' ? Uint16Array.from(values, (v) => floatToHalf(scaled(v))) : Float32Array.from(values, scaled);
}

function emptyTensor({ type, layout }: Pick<PictureInput, 'type' | 'layout'>, { widthPx, heightPx }: SizePx): Tensor {
  const dims = layout === 'nchw' ? [1, 3, heightPx, widthPx] : [1, heightPx, widthPx, 3];
  const length = widthPx * heightPx * 3;
  if (type === 'uint8') return new Tensor('uint8', new Uint8Array(length), dims);
  return type === 'float16'
    ? new Tensor('float16', new Uint16Array(length), dims)
    : new Tensor('float32', new Float32Array(length), dims);
}
