/**
 * An ONNX file → what Lookout has to know before and beyond loading it: inputs, outputs, metadata, nodes, sizes of weights, and
 * the files it reaches for. onnxruntime-node tells only the first two. Weights are never read (a reader of 64 KiB walks over
 * them), so this takes milliseconds and no memory for a model of any size. Numbers of fields: onnx/onnx.proto.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { type Field, ProtobufCursor } from '../lib/protobuf.ts';

/** ONNX's numbers of data types → the names onnxruntime-node uses. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [16, 'bfloat16'],
]);
/** Graphs inside of nodes inside of graphs: what people export has two or three. */
const MAX_DEPTH = 16;
const EXTERNAL = 1;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface OnnxWeight {
  readonly type: string;
  readonly dims: readonly number[];
  /** of a single whole number */
  readonly value: number | undefined;
}

export interface OnnxFile {
  readonly metadata: ReadonlyMap<string, string>;
  /** of the main graph, in the order of computation */
  readonly nodes: readonly OnnxNode[];
  /** of the main graph, by name; constants among the nodes too */
  readonly weights: ReadonlyMap<string, OnnxWeight>;
  /** everywhere in the model: where weights lie that are not in the file, as it writes them */
  readonly externalFiles: ReadonlySet<string>;
  /** numbers in all weights (initializers) of the main graph */
  readonly parameters: number;
}

/** Throws where the file is not in the format of ONNX. */
export function readOnnxFile(path: string): OnnxFile {
  const fd = openSync(path, 'r');
  try {
    return new OnnxReader(new ProtobufCursor(fd, fstatSync(fd).size)).model();
  } finally {
    closeSync(fd);
  }
}

type Takers = Readonly<Record<number, (field: Field) => void>>;

interface Tensor extends OnnxWeight {
  readonly name: string;
}

class OnnxReader {
  readonly #cursor: ProtobufCursor;
  readonly #metadata = new Map<string, string>();
  readonly #nodes: OnnxNode[] = [];
  readonly #weights = new Map<string, OnnxWeight>();
  readonly #externalFiles = new Set<string>();
  #parameters = 0;
  #depth = 0;

  constructor(cursor: ProtobufCursor) {
    this.#cursor = cursor;
  }

  model(): OnnxFile {
    let graphs = 0;
    this.#each({
      7: () => {
        graphs += 1;
        this.#cursor.message(() => this.#graph(true));
      },
      14: () => this.#entry((key, value) => this.#metadata.set(key, value)),
      // A function's body: its nodes may hold tensors too.
      25: () => this.#cursor.message(() => this.#each({ 7: () => this.#cursor.message(() => this.#node(false)) })),
    });
    if (graphs !== 1) throw new Error(`Expected one graph but found ${graphs}`);
    return {
      metadata: this.#metadata,
      nodes: this.#nodes,
      weights: this.#weights,
      externalFiles: this.#externalFiles,
      parameters: this.#parameters,
    };
  }

  #each(takers: Takers): void {
    for (let field = this.#cursor.next(); field; field = this.#cursor.next()) {
      const take = takers[field.number];
      if (take) take(field);
      else this.#cursor.skip(field);
    }
  }

  #graph(isMain: boolean): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Error(`Expected at most ${MAX_DEPTH} graphs in each other but found more`);
    const sparse = (): void => void this.#cursor.message(() => this.#tensor());
    this.#each({
      1: () => this.#cursor.message(() => this.#node(isMain)),
      5: () => {
        const { name, ...weight } = this.#cursor.message(() => this.#tensor());
        if (!isMain) return;
        this.#weights.set(name, weight);
        this.#parameters += weight.dims.reduce((a, b) => a * b, 1);
      },
      15: () => this.#cursor.message(() => this.#each({ 1: sparse, 2: sparse })),
    });
    this.#depth -= 1;
  }

  #node(isMain: boolean): void {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const constants: Tensor[] = [];
    let op = '';
    this.#each({
      1: () => inputs.push(this.#cursor.text()),
      2: () => outputs.push(this.#cursor.text()),
      4: () => (op = this.#cursor.text()),
      5: () => this.#cursor.message(() => this.#attribute(constants)),
    });
    if (!isMain) return;
    this.#nodes.push({ op, inputs, outputs });
    const [constant] = constants;
    if (op === 'Constant' && constant && outputs[0] !== undefined) this.#weights.set(outputs[0], constant);
  }

  #attribute(constants: Tensor[]): void {
    const graph = (): void => this.#cursor.message(() => this.#graph(false));
    const tensor = (): void => void constants.push(this.#cursor.message(() => this.#tensor()));
    const sparse = (): void => this.#cursor.message(() => this.#each({ 1: tensor, 2: tensor }));
    this.#each({ 5: tensor, 6: graph, 10: tensor, 11: graph, 22: sparse, 23: sparse });
  }

  #tensor(): Tensor {
    const dims: number[] = [];
    let [name, type, isExternal, location] = ['', '', false, ''];
    let value: number | undefined;
    this.#each({
      1: (field) => dims.push(...this.#cursor.numbers(field)),
      2: () => (type = TYPES.get(this.#cursor.varint()) ?? 'of another type'),
      5: (field) => (value = this.#cursor.numbers(field)[0]),
      7: (field) => (value = this.#cursor.numbers(field)[0]),
      8: () => (name = this.#cursor.text()),
      9: () => (value = littleEndian(this.#cursor.bytes(8)) ?? value),
      13: () => this.#entry((key, text) => (location = key === 'location' ? text : location)),
      14: () => (isExternal = this.#cursor.varint() === EXTERNAL),
    });
    if (isExternal || location !== '') this.#externalFiles.add(location);
    const isOne = dims.every((side) => side === 1) && (type === 'int64' || type === 'int32');
    return { name, type, dims, value: isOne ? value : undefined };
  }

  #entry(take: (key: string, value: string) => void): void {
    let [key, value] = ['', ''];
    this.#cursor.message(() => this.#each({ 1: () => (key = this.#cursor.text()), 2: () => (value = this.#cursor.text()) }));
    take(key, value);
  }
}

/** Raw bytes of four or eight: perhaps one whole number. */
function littleEndian(bytes: Buffer | undefined): number | undefined {
  if (bytes?.length === 8) return Number(bytes.readBigInt64LE());
  return bytes?.length === 4 ? bytes.readInt32LE() : undefined;
}
