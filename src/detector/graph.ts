/**
 * Questions that families ask about a model's nodes: which operations it has, how wide its last layers are, how its first one
 * looks at the picture. Pure.
 */
import type { OnnxFile, OnnxNode, OnnxWeight } from './onnx-file.ts';

/** Nodes that hand a weight on, perhaps in another type. */
const PASS_ON = new Set(['Cast', 'DequantizeLinear', 'Identity', 'QuantizeLinear', 'Reshape', 'Transpose']);
/** How many nodes back from an output a constant still belongs to it. */
const NEAR = 6;

export class ModelGraph {
  readonly parameters: number;
  readonly #file: OnnxFile;
  readonly #makers = new Map<string, OnnxNode>();

  constructor(file: OnnxFile) {
    this.#file = file;
    this.parameters = file.parameters;
    for (const node of file.nodes) for (const output of node.outputs) this.#makers.set(output, node);
  }

  has(op: string): boolean {
    return this.#file.nodes.some((node) => node.op === op);
  }

  /**
   * Channels that the last convolutions before an output make: boxes, objectness and classes are computed by layers of their own,
   * or by one together.
   */
  headWidths(output: string): ReadonlySet<number> {
    const widths = new Set<number>();
    const seen = new Set<OnnxNode>();
    const open = [output];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = this.#makers.get(name);
      if (!node || seen.has(node)) continue;
      seen.add(node);
      const width = this.#width(node);
      if (width === undefined) open.push(...node.inputs);
      else widths.add(width);
    }
    return widths;
  }

  /** Side of the first convolution's kernel: 3…7 for convolutional networks, 14 or 16 where a transformer cuts patches. */
  get firstKernelPx(): number | undefined {
    for (const node of this.#file.nodes) {
      const dims = isConvolution(node) ? this.#weight(node)?.dims : undefined;
      if (dims?.length === 4) return dims[2];
    }
    return undefined;
  }

  /** The whole number that a class index is divided by near an output (index = query × classes + class): the count of classes. */
  divisorNear(output: string): number | undefined {
    let names = [output];
    for (let step = 0; step < NEAR; step++) {
      const nodes = names.flatMap((name) => this.#makers.get(name) ?? []);
      for (const node of nodes) {
        const value = node.op === 'Mod' || node.op === 'Div' ? this.#constant(node.inputs[1]) : undefined;
        if (value !== undefined && value > 0) return value;
      }
      names = nodes.flatMap((node) => node.inputs);
    }
    return undefined;
  }

  /** Undefined for nodes that are no layer, and for the fixed average over distance bins, which is written as a convolution. */
  #width(node: OnnxNode): number | undefined {
    if (!isConvolution(node)) return undefined;
    const dims = this.#weight(node)?.dims;
    if (dims?.length !== 4) return undefined;
    const isAverage = dims[0] === 1 && this.#makers.get(node.inputs[0] ?? '')?.op === 'Softmax';
    return isAverage || this.#isAverageOfTransposed(node) ? undefined : dims[0];
  }

  #isAverageOfTransposed({ inputs }: OnnxNode): boolean {
    const before = this.#makers.get(inputs[0] ?? '');
    return before?.op === 'Transpose' && this.#makers.get(before.inputs[0] ?? '')?.op === 'Softmax';
  }

  #weight({ op, inputs }: OnnxNode): OnnxWeight | undefined {
    let name = inputs[op === 'QLinearConv' ? 3 : 1] ?? '';
    for (let node = this.#makers.get(name); node && PASS_ON.has(node.op); node = this.#makers.get(name))
      name = node.inputs[0] ?? '';
    return this.#file.weights.get(name);
  }

  #constant(name = ''): number | undefined {
    return this.#file.weights.get(name)?.value;
  }
}

function isConvolution({ op }: OnnxNode): boolean {
  return op === 'Conv' || op === 'QLinearConv' || op === 'ConvInteger' || op === 'FusedConv';
}
