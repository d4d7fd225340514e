/** ONNX Runtime's tensors → numbers that families read: floats, whatever the model's type. Buffers are used again. */
import type { Tensor } from 'onnxruntime-node';
import type { Output } from './family.ts';
import { widenHalfs } from './half.ts';

/** Bytes of one element; types that are not listed are no numbers. */
const BYTES: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['float16', 2],
  ['float64', 8],
  ['int64', 8],
  ['int32', 4],
  ['uint8', 1],
  ['int8', 1],
  ['bool', 1],
]);

export function bytesOf(type: string, dims: readonly (number | string)[]): number {
  // A side that is left open counts as one.
  const sides = dims.map((side) => (typeof side === 'number' && side > 0 ? side : 1));
  return sides.reduce((a, b) => a * b, BYTES.get(type) ?? 1);
}

/** Reads the outputs of one model, run after run. */
export class OutputReader {
  readonly #buffers = new Map<string, Float32Array>();

  /** The output's data are good until the next call with the same name. */
  read(name: string, { type, dims, data }: Tensor): Output {
    if (data instanceof Float32Array) return { name, type, dims, data };
    const floats = this.#buffer(name, data.length);
    if (type === 'float16') widenHalfs(asHalfs(data), floats);
    else if (data instanceof BigInt64Array) lowWords(data, floats);
    else if (isNumbers(data)) floats.set(data);
    else throw new Error(`Expected numbers in the output ${name} but received ${type}`);
    return { name, type, dims, data: floats };
  }

  #buffer(name: string, length: number): Float32Array {
    const held = this.#buffers.get(name);
    if (held?.length === length) return held;
    const fresh = new Float32Array(length);
    this.#buffers.set(name, fresh);
    return fresh;
  }
}

function isNumbers(data: Tensor['data']): data is Int32Array | Uint8Array | Int8Array | Float64Array {
  return data instanceof Int32Array || data instanceof Uint8Array || data instanceof Int8Array || data instanceof Float64Array;
}

/** Newer Nodes have an array for half floats, which would be converted number by number: the bits do. */
function asHalfs(data: Tensor['data']): Uint16Array {
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}

/** Class numbers are small: the low half of each 64-bit number says it all, without a BigInt for each. */
function lowWords(data: BigInt64Array, floats: Float32Array): void {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  for (let i = 0; i < floats.length; i++) floats[i] = words[2 * i] as number;
}
