/**
 * Nodes and constants -> the bytes of an ONNX file. Only what a small convolutional network needs; the wire format is left to
 * protobufjs and onnx.proto. The same calls always give the same bytes.
 */
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** numbers of the format's own enumerations, see onnx.proto */
const FLOAT = 1;
const INT64 = 7;
const REAL = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;
const OPSET = 17;
const IR_VERSION = 9;

/** A whole number, a list of them, a text, or a real number that must say so. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

export interface Tensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A fixed length or the name of a free one. */
type Dimension = number | string;

export class OnnxGraph {
  readonly #nodes: object[] = [];
  readonly #constants: object[] = [];
  #count = 0;

  /** A name that is not taken yet. */
  fresh(prefix = 't'): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  floats({ dims, values }: Tensor, prefix: string): string {
    return this.#constant(prefix, {
      dims,
      dataType: FLOAT,
      bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
  }

  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant('c', { dims: [values.length], dataType: INT64, bytes: new Uint8Array(data.buffer) });
  }

  /** Adds a node with one output and returns the output's name. */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = this.fresh();
    this.ops(type, { inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node whose outputs have names already. */
  ops(
    type: string,
    node: {
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
      readonly attributes?: Readonly<Record<string, Attribute>>;
    },
  ): void {
    const attribute = Object.entries(node.attributes ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => encodeAttribute(name, value));
    this.#nodes.push({ input: node.inputs, output: node.outputs, name: `${type}_${node.outputs[0]}`, opType: type, attribute });
  }

  encode(model: {
    readonly name: string;
    readonly producer: string;
    readonly about: string;
    readonly input: readonly [string, readonly Dimension[]];
    readonly output: readonly [string, readonly Dimension[]];
  }): Uint8Array {
    const type = protobuf.loadSync(join(import.meta.dirname, 'onnx.proto')).lookupType('onnx.ModelProto');
    const message = {
      irVersion: IR_VERSION,
      producerName: model.producer,
      docString: model.about,
      graph: {
        node: this.#nodes,
        name: model.name,
        initializer: this.#constants,
        input: [encodeValue(...model.input)],
        output: [encodeValue(...model.output)],
      },
      opsetImport: [{ domain: '', version: OPSET }],
    };
    return type.encode(type.create(message)).finish();
  }

  #constant(
    prefix: string,
    tensor: { readonly dims: readonly number[]; readonly dataType: number; readonly bytes: Uint8Array },
  ): string {
    const name = this.fresh(prefix);
    this.#constants.push({ dims: tensor.dims, dataType: tensor.dataType, name, rawData: tensor.bytes });
    return name;
  }
}

function encodeAttribute(name: string, value: Attribute): object {
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: STRING };
  if (typeof value === 'number') return { name, i: value, type: INT };
  if ('float' in value) return { name, f: value.float, type: REAL };
  return { name, ints: value, type: INTS };
}

function encodeValue(name: string, dimensions: readonly Dimension[]): object {
  const dim = dimensions.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}
