/**
 * nanodet_plus_weights.mx of the npm package nanodet-plus -> named tensors.
 *
 * The file is one raw deflate stream: a root name, then a map of layer name -> parameters (an optional list of tensors),
 * running statistics (an optional tensor), and two more optional lists that are not used here. Counts and lengths are 64-bit,
 * numbers little-endian. A tensor is its rank, 32-bit sides, its length, float32 values and two texts.
 */
import { inflateRawSync } from 'node:zlib';
import type { Tensor } from './onnx-graph.ts';

export interface Layer {
  /** a convolution's weights come first; of a BatchNorm, row 0 is gamma, row 1 beta */
  readonly parameters: readonly Tensor[];
  /** of a BatchNorm: row 0 is the mean, row 1 the variance */
  readonly running: Tensor | undefined;
}

const ROOT = 'nanodet_plus_test';

class Reader {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer) {
    const root = data.indexOf(ROOT);
    if (root < 0) throw new Error(`Expected weights of ${ROOT} but the name does not occur in the file`);
    this.#data = data;
    this.#at = root + ROOT.length;
  }

  count(): number {
    const value = this.#data.readBigUInt64LE(this.#at);
    this.#at += 8;
    return Number(value);
  }

  text(): string {
    const length = this.count();
    this.#at += length;
    return this.#data.toString('utf8', this.#at - length, this.#at);
  }

  optional<T>(read: () => T): T | undefined {
    const isThere = this.#data.readUInt8(this.#at) !== 0;
    this.#at += 1;
    return isThere ? read() : undefined;
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.count() }, read);
  }

  tensor(): Tensor {
    const dims = this.list(() => {
      this.#at += 4;
      return this.#data.readUInt32LE(this.#at - 4);
    });
    const values = new Float32Array(this.count());
    for (let i = 0; i < values.length; i++) values[i] = this.#data.readFloatLE(this.#at + 4 * i);
    this.#at += 4 * values.length;
    this.text();
    this.text();
    return { dims, values };
  }
}

/** Layers by name, without the root. */
export function readWeights(file: Uint8Array): Map<string, Layer> {
  const reader = new Reader(inflateRawSync(file));
  const tensor = (): Tensor => reader.tensor();
  const tensors = (): Tensor[] => reader.list(tensor);
  const layers = new Map<string, Layer>();
  for (let left = reader.count(); left > 0; left--) {
    const name = reader.text().slice(ROOT.length + 1);
    const parameters = reader.optional(tensors) ?? [];
    const running = reader.optional(tensor);
    reader.optional(tensors);
    reader.optional(tensors);
    layers.set(name, { parameters, running });
  }
  return layers;
}
