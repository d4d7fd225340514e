/** Writes ONNX files, and changes those of others, field by field: independent of the reader that is tested. */
import { type OnnxType, TYPE_NUMBERS } from './onnx-types.ts';

export interface RawField {
  readonly number: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** of a varint its seven-bit groups, else the value's bytes */
  readonly bytes: Uint8Array;
}

export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const groups: number[] = [];
  do {
    groups.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(groups);
}

export function number(field: number, value: number | bigint): RawField {
  return { number: field, wire: 0, bytes: varint(value) };
}

export function bytes(field: number, value: Uint8Array | string): RawField {
  return { number: field, wire: 2, bytes: typeof value === 'string' ? Buffer.from(value) : value };
}

export function message(field: number, fields: readonly RawField[]): RawField {
  return bytes(field, encode(fields));
}

export function encode(fields: readonly RawField[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(({ number: field, wire, bytes: value }) => [
      varint(field * 8 + wire),
      ...(wire === 2 ? [varint(value.length)] : []),
      value,
    ]),
  );
}

/** The fields of one message; what lies inside stays as it is. */
export function decode(data: Uint8Array): RawField[] {
  const fields: RawField[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = next();
    const wire = (key % 8) as RawField['wire'];
    const start = at;
    const length = wire === 2 ? next() : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 0) next();
    else at += length;
    fields.push({ number: Math.floor(key / 8), wire, bytes: data.subarray(wire === 2 ? at - length : start, at) });
  }
  return fields;
}

export type Dim = number | string;

/** An input or an output. */
export function valueInfo(name: string, { type, dims }: { type: OnnxType; dims: readonly Dim[] }): RawField[] {
  const shape = dims.map((dim) => message(1, [typeof dim === 'number' ? number(1, dim) : bytes(2, dim)]));
  return [bytes(1, name), message(2, [message(1, [number(1, TYPE_NUMBERS[type]), message(2, shape)])])];
}

export type Attribute = number | readonly number[] | { readonly graph: readonly RawField[] } | { readonly tensor: RawField[] };

export interface NodeOptions {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export function node(op: string, { inputs, outputs, attributes = {} }: NodeOptions): RawField[] {
  return [
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, [bytes(1, name), ...attribute(value)])),
  ];
}

function attribute(value: Attribute): RawField[] {
  if (typeof value === 'number') return [number(3, value), number(20, 2)];
  if (Array.isArray(value)) return [...(value as number[]).map((one) => number(8, one)), number(20, 7)];
  if ('graph' in value) return [message(6, value.graph), number(20, 5)];
  return 'tensor' in value ? [message(5, value.tensor), number(20, 4)] : [];
}

export interface TensorOptions {
  readonly type: OnnxType;
  readonly dims: readonly number[];
  readonly raw: Uint8Array;
}

export function tensor(name: string, { type, dims, raw }: TensorOptions): RawField[] {
  return [...dims.map((dim) => number(1, dim)), number(2, TYPE_NUMBERS[type]), bytes(8, name), bytes(9, raw)];
}

/** A tensor whose values lie in another file. */
export function externalTensor(name: string, location: string): RawField[] {
  const entry = message(13, [bytes(1, 'location'), bytes(2, location)]);
  return [number(1, 4), number(2, TYPE_NUMBERS.float32), bytes(8, name), entry, number(14, 1)];
}

export interface ModelOptions {
  readonly nodes?: readonly RawField[][];
  readonly weights?: readonly RawField[][];
  readonly inputs: readonly RawField[][];
  readonly outputs: readonly RawField[][];
  readonly metadata?: Readonly<Record<string, string>>;
}

export function graph({ nodes = [], weights = [], inputs, outputs }: ModelOptions): RawField[] {
  return [
    ...nodes.map((one) => message(1, one)),
    bytes(2, 'test'),
    ...weights.map((one) => message(5, one)),
    ...inputs.map((one) => message(11, one)),
    ...outputs.map((one) => message(12, one)),
  ];
}

export function model(options: ModelOptions): Uint8Array {
  return encode([
    number(1, 9),
    message(7, graph(options)),
    message(8, [bytes(1, ''), number(2, 17)]),
    ...Object.entries(options.metadata ?? {}).map(([key, value]) => message(14, [bytes(1, key), bytes(2, value)])),
  ]);
}

/** What a changed model gets in place of its own inputs and outputs, and what it does before and after. */
export interface Surgery {
  readonly inputs?: readonly RawField[][];
  readonly outputs?: readonly RawField[][];
  readonly before?: readonly RawField[][];
  readonly after?: readonly RawField[][];
  readonly weights?: readonly RawField[][];
  readonly metadata?: Readonly<Record<string, string>>;
}

export function operate(
  original: Uint8Array,
  { inputs, outputs, before = [], after = [], weights = [], metadata }: Surgery,
): Uint8Array {
  const fields = decode(original).filter(({ number: field }) => metadata === undefined || field !== 14);
  const old = decode(fields.find(({ number: field }) => field === 7)?.bytes ?? new Uint8Array());
  const changed = [
    ...before.map((one) => message(1, one)),
    ...old.filter(({ number: field }) => field === 1),
    ...after.map((one) => message(1, one)),
    ...old.filter(({ number: field }) => ![1, 11, 12].includes(field)),
    ...weights.map((one) => message(5, one)),
    ...(inputs?.map((one) => message(11, one)) ?? old.filter(({ number: field }) => field === 11)),
    ...(outputs?.map((one) => message(12, one)) ?? old.filter(({ number: field }) => field === 12)),
  ];
  return encode([
    ...fields.map((field) => (field.number === 7 ? message(7, changed) : field)),
    ...Object.entries(metadata ?? {}).map(([key, value]) => message(14, [bytes(1, key), bytes(2, value)])),
  ]);
}

/** A model that answers the same whatever it sees: outputs by name. */
export interface Answer {
  readonly name: string;
  readonly type?: 'float32' | 'int64';
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

export interface AnsweringOptions {
  readonly input?: { readonly name?: string; readonly type?: OnnxType; readonly dims: readonly Dim[] };
  readonly otherInputs?: readonly RawField[][];
  readonly answers: readonly Answer[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly nodes?: readonly RawField[][];
  readonly weights?: readonly RawField[][];
  /** names of scalars that are added to every answer */
  readonly beside?: readonly string[];
}

export function answering({
  input,
  otherInputs = [],
  answers,
  metadata,
  nodes = [],
  weights = [],
  beside = [],
}: AnsweringOptions): Uint8Array {
  const { name = 'images', type = 'float32', dims } = input ?? { dims: [1, 3, 64, 96] };
  return model({
    inputs: [valueInfo(name, { type, dims }), ...otherInputs],
    outputs: answers.map((one) => valueInfo(one.name, { type: one.type ?? 'float32', dims: one.dims })),
    nodes: [
      ...nodes,
      ...answers.map((one) =>
        node(beside.length === 0 ? 'Identity' : 'Sum', { inputs: [`${one.name}_values`, ...beside], outputs: [one.name] }),
      ),
    ],
    weights: [
      ...weights,
      ...answers.map((one) => tensor(`${one.name}_values`, { type: one.type ?? 'float32', dims: one.dims, raw: rawOf(one) })),
    ],
    ...(metadata === undefined ? {} : { metadata }),
  });
}

function rawOf({ type = 'float32', values }: Answer): Uint8Array {
  const numbers = type === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
  return new Uint8Array(numbers.buffer);
}
