/**
 * Minimal ONNX files, written by hand: enough of protobuf (field numbers of onnx.proto3) for models that no zoo has, such as
 * one that never answers.
 */
type Dimension = number | string;

interface Value {
  readonly name: string;
  readonly shape?: readonly Dimension[];
}

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly Buffer[];
}

interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly initializers?: readonly Buffer[];
}

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;

/** A model of an unknown family: what goes in comes out. */
export function identityModel(): Buffer {
  const shape = [1, 3, 64, 64];
  return model({
    nodes: [{ op: 'Identity', inputs: ['images'], outputs: ['same'] }],
    inputs: [value({ name: 'images', shape })],
    outputs: [value({ name: 'same', shape })],
  });
}

/** Added to all bins of a distance alike, this changes no box. */
const NO_PROBABILITY = 10;

/** The picture that `toyModel` takes. */
export const TOY_SIZE = { widthPx: 64, heightPx: 64 } as const;

/**
 * A model with the signature of NanoDet-Plus for one class and a 64 × 64 picture: its "scores" are the picture's own values,
 * normalised, so a picture darker than grey 104 holds nobody; its bins are all alike and no probabilities. It never answers a picture with a value brighter than
 * `hangsAbove` (0 … 255); below 0 it does not even load.
 */
export function toyModel({ hangsAbove }: { hangsAbove: number }): Buffer {
  const points = 85;
  const channels = 33;
  const body = graph('forever', {
    nodes: [
      { op: 'Identity', inputs: ['go'], outputs: ['goOn'] },
      { op: 'Identity', inputs: ['carried'], outputs: ['carriedOn'] },
    ],
    inputs: [value({ name: 'round', shape: [] }, INT64), value({ name: 'go', shape: [] }, BOOL), value({ name: 'carried' })],
    outputs: [value({ name: 'goOn', shape: [] }, BOOL), value({ name: 'carriedOn' })],
  });
  return model({
    nodes: [
      { op: 'ReduceMax', inputs: ['images'], outputs: ['brightest'], attributes: [intAttribute('keepdims', 0)] },
      { op: 'Greater', inputs: ['brightest', 'limit'], outputs: ['isTooBright'] },
      { op: 'Loop', inputs: ['', 'isTooBright', 'images'], outputs: ['after'], attributes: [graphAttribute('body', body)] },
      { op: 'Reshape', inputs: ['after', 'flat'], outputs: ['values'] },
      { op: 'Slice', inputs: ['values', 'from', 'to'], outputs: ['some'] },
      { op: 'Reshape', inputs: ['some', 'shape'], outputs: ['rows'] },
      { op: 'Add', inputs: ['rows', 'beside'], outputs: ['output'] },
    ],
    inputs: [value({ name: 'images', shape: [1, 3, TOY_SIZE.heightPx, TOY_SIZE.widthPx] })],
    outputs: [value({ name: 'output', shape: [1, points, channels] })],
    initializers: [
      floatScalar('limit', (hangsAbove - 103.53) / 57.375),
      integers('flat', [-1]),
      integers('from', [0]),
      integers('to', [points * channels]),
      integers('shape', [1, points, channels]),
      floats('beside', [0, ...Array<number>(channels - 1).fill(NO_PROBABILITY)]),
    ],
  });
}

function model(content: Graph): Buffer {
  const opset = bytes(8, Buffer.concat([text(1, ''), integer(2, 13)]));
  return Buffer.concat([integer(1, 7), bytes(7, graph('main', content)), opset]);
}

function graph(name: string, { nodes, inputs, outputs, initializers = [] }: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map((node) => bytes(1, nodeBytes(node))),
    text(2, name),
    ...initializers.map((tensor) => bytes(5, tensor)),
    ...inputs.map((info) => bytes(11, info)),
    ...outputs.map((info) => bytes(12, info)),
  ]);
}

function nodeBytes({ op, inputs, outputs, attributes = [] }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);
}

function value({ name, shape }: Value, type = FLOAT): Buffer {
  const dimensions = shape?.map((size) => bytes(1, typeof size === 'number' ? integer(1, size) : text(2, size))) ?? [];
  const tensor = Buffer.concat([integer(1, type), ...(shape ? [bytes(2, Buffer.concat(dimensions))] : [])]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

function intAttribute(name: string, number: number): Buffer {
  return Buffer.concat([text(1, name), integer(3, number), integer(20, 2)]);
}

function graphAttribute(name: string, content: Buffer): Buffer {
  return Buffer.concat([text(1, name), bytes(6, content), integer(20, 5)]);
}

function floatScalar(name: string, number: number): Buffer {
  return Buffer.concat([integer(2, FLOAT), text(8, name), bytes(9, Buffer.from(Float32Array.of(number).buffer))]);
}

function floats(name: string, numbers: readonly number[]): Buffer {
  const raw = Buffer.from(Float32Array.from(numbers).buffer);
  return Buffer.concat([integer(1, numbers.length), integer(2, FLOAT), text(8, name), bytes(9, raw)]);
}

function integers(name: string, numbers: readonly number[]): Buffer {
  const raw = Buffer.from(BigInt64Array.from(numbers.map(BigInt)).buffer);
  return Buffer.concat([integer(1, numbers.length), integer(2, INT64), text(8, name), bytes(9, raw)]);
}

function integer(field: number, number: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(number)]);
}

function text(field: number, content: string): Buffer {
  return bytes(field, Buffer.from(content));
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(number: number): Buffer {
  const groups = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) groups.push(rest & 0x7f);
  return Buffer.from(groups.map((group, i) => (i < groups.length - 1 ? group | 0x80 : group)));
}
