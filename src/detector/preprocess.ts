/** Planar G, B, R bytes, as ffmpeg's gbrp delivers them → the model's float planes, in one pass over a table. */
import type { PixelRule } from './family.ts';

/** Which plane of gbrp is the model's first, second and third channel. */
const ORDERS = { rgb: [2, 0, 1], bgr: [1, 0, 2] } as const;

export type Preprocess = (bytes: Uint8Array, tensor: Float32Array) => void;

export function preprocessor({ channels, mean, std }: PixelRule): Preprocess {
  const planes = ORDERS[channels].map((from, i) => ({
    from,
    table: Float32Array.from({ length: 256 }, (_, value) => (value - (mean[i] ?? 0)) / (std[i] ?? 1)),
  }));
  return (bytes, tensor) => {
    const pixels = bytes.length / 3;
    for (const [to, { from, table }] of planes.entries()) {
      const source = bytes.subarray(from * pixels, (from + 1) * pixels);
      const target = tensor.subarray(to * pixels, (to + 1) * pixels);
      for (let i = 0; i < pixels; i++) target[i] = table[source[i] as number] as number;
    }
  };
}
