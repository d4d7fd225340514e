/**
 * A float32 model and the ranges of its tensors -> the same model with 8-bit convolutions, in the form that ONNX Runtime fuses when
 * it loads (QDQ): QuantizeLinear and DequantizeLinear around what shall be whole numbers. Weights: int8, symmetric, a scale for
 * each output channel. Everything between: uint8, one scale a tensor. Inputs and outputs stay as they are. Pure.
 */
import {
  altered,
  floatsOf,
  numberOf,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  rawOf,
  TYPE,
  withGraph,
} from './onnx-model.ts';
import type { ValueRange } from './value-range.ts';

/** What ONNX Runtime's CPU provider does on whole numbers. */
const OPERATIONS = new Set([
  'Conv',
  'LeakyRelu',
  'Relu',
  'Clip',
  'Add',
  'Concat',
  'MaxPool',
  'Split',
  'Gather',
  'Slice',
  'Resize',
]);
/** These only move values: what comes out has the scale of what went in. */
const MOVES = new Set(['MaxPool', 'Split', 'Gather', 'Slice', 'Resize']);
/** Done by the convolution before them. */
const ABSORBED = new Set(['Relu', 'Clip']);
const OPSET_WITH_AXIS = 13;

export interface QuantizeOptions {
  readonly ranges: ReadonlyMap<string, ValueRange>;
  /** nodes that stay as they are, beside the first and last layers */
  readonly keeps?: (node: OnnxNode) => boolean;
  /**
   * 7 unless stated: x86 without VNNI adds two products in 16 bits, which 255 × 127 twice would overflow and 255 × 63 does not.
   */
  readonly weightBits?: 7 | 8;
}

interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/** Tensors whose ranges are needed; some turn out to be no floats. */
export function tensorsToMeasure({ graph }: OnnxModel): string[] {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const names = graph.node.filter(({ opType }) => OPERATIONS.has(opType)).flatMap(({ input, output }) => input.concat(output));
  return [...new Set(names)].filter((name) => name !== '' && !weights.has(name));
}

export function quantizedModel(model: OnnxModel, options: QuantizeOptions): OnnxModel {
  const { version = 0 } = model.opsetImport.find(({ domain }) => (domain ?? '') === '') ?? {};
  if (numberOf(version) < OPSET_WITH_AXIS)
    throw new Error(`Expected a model of opset ${OPSET_WITH_AXIS} or later but received one of ${numberOf(version)}`);
  return new Quantizer(model, options).model();
}

class Quantizer {
  readonly #model: OnnxModel;
  readonly #options: QuantizeOptions;
  readonly #weights: Map<string, OnnxTensor>;
  readonly #consumers = new Map<string, OnnxNode[]>();
  readonly #scales = new Map<string, Scale>();
  readonly #renamed = new Map<string, string>();
  readonly #nodes: OnnxNode[] = [];
  readonly #outputs: ReadonlySet<string>;
  readonly #ends: ReadonlySet<OnnxNode>;

  constructor(model: OnnxModel, options: QuantizeOptions) {
    this.#model = model;
    this.#options = options;
    this.#weights = new Map(model.graph.initializer.map((tensor) => [tensor.name, tensor]));
    this.#outputs = new Set(model.graph.output.map(({ name }) => name));
    this.#ends = new Set([...firstLayers(model), ...lastLayers(model)]);
    for (const node of model.graph.node)
      for (const name of node.input) this.#consumers.set(name, [...(this.#consumers.get(name) ?? []), node]);
  }

  model(): OnnxModel {
    const { input, node } = this.#model.graph;
    for (const { name } of input) if (this.#isWantedBelow(name)) this.#around(name);
    for (const one of node) this.#add(one);
    const used = new Set(this.#nodes.flatMap((one) => one.input));
    const initializer = [...this.#weights.values()].filter(({ name }) => used.has(name));
    return withGraph(this.#model, { node: this.#nodes, initializer });
  }

  #isChosen(node: OnnxNode): boolean {
    return OPERATIONS.has(node.opType) && !this.#ends.has(node) && this.#options.keeps?.(node) !== true;
  }

  #isWantedBelow(name: string): boolean {
    return (this.#consumers.get(name) ?? []).some((node) => this.#isChosen(node));
  }

  #add(node: OnnxNode): void {
    const isChosen = this.#isChosen(node);
    const input = node.input.map((name) => this.#renamed.get(name) ?? name);
    if (isChosen && node.opType === 'Conv') this.#wholeWeights(node, input);
    this.#nodes.push(altered(node, { input }));
    for (const name of node.output) {
      if (this.#outputs.has(name) || this.#isAbsorbed(name)) continue;
      if (isChosen || this.#isWantedBelow(name)) this.#around(name, MOVES.has(node.opType) ? node.input[0] : undefined);
    }
  }

  #isAbsorbed(name: string): boolean {
    const [only, ...others] = this.#consumers.get(name) ?? [];
    return only !== undefined && others.length === 0 && ABSORBED.has(only.opType) && this.#isChosen(only);
  }

  /** Rounds a tensor to whole numbers and back; whoever reads it from now on reads that. */
  #around(name: string, moved?: string): void {
    const range = this.#options.ranges.get(name);
    if (!range) return;
    const scale = (moved === undefined ? undefined : this.#scales.get(moved)) ?? scaleOf(range);
    this.#scales.set(name, scale);
    const [whole, back] = [`${name}_q`, `${name}_dq`];
    const parameters = [
      this.#constant(`${name}_scale`, { dims: [], dataType: TYPE.float, rawData: rawOf(Float32Array.of(scale.scale)) }),
      this.#constant(`${name}_zero`, { dims: [], dataType: TYPE.uint8, rawData: Uint8Array.of(scale.zero) }),
    ];
    this.#nodes.push({ opType: 'QuantizeLinear', name: whole, input: [name, ...parameters], output: [whole] });
    this.#nodes.push({ opType: 'DequantizeLinear', name: back, input: [whole, ...parameters], output: [back] });
    this.#renamed.set(name, back);
  }

  #wholeWeights({ input: [x = '', w = '', b = ''] }: OnnxNode, input: string[]): void {
    const [weights, scale] = [this.#weights.get(w), this.#scales.get(x)];
    const values = weights && floatsOf(weights);
    if (!weights || !values || !scale) return;
    const channels = numberOf(weights.dims[0] ?? 1);
    const { whole, scales } = wholeNumbers(values, { channels, bits: this.#options.weightBits ?? 7 });
    input[1] = this.#dequantized(w, scales, { dims: weights.dims, dataType: TYPE.int8, rawData: rawOf(whole) });
    const bias = this.#weights.get(b);
    const offsets = bias && floatsOf(bias);
    if (!bias || !offsets) return;
    const steps = scales.map((one) => one * scale.scale);
    const rounded = Int32Array.from(offsets, (value, i) => Math.round(value / (steps[i] ?? 1)));
    input[2] = this.#dequantized(b, steps, { dims: bias.dims, dataType: TYPE.int32, rawData: rawOf(rounded) });
  }

  /** Whole numbers with a scale for each entry of their first dimension. */
  #dequantized(name: string, scales: Float32Array, tensor: Omit<OnnxTensor, 'name'>): string {
    const back = `${name}_dq`;
    if (this.#renamed.has(name)) return back;
    this.#renamed.set(name, back);
    const whole = this.#constant(`${name}_q`, tensor);
    const scale = this.#constant(`${name}_scales`, { dims: [scales.length], dataType: TYPE.float, rawData: rawOf(scales) });
    this.#nodes.push({
      opType: 'DequantizeLinear',
      name: back,
      input: [whole, scale],
      output: [back],
      attribute: [{ name: 'axis', i: 0, type: 2 }],
    });
    return back;
  }

  #constant(name: string, tensor: Omit<OnnxTensor, 'name'>): string {
    this.#weights.set(name, { name, ...tensor });
    return name;
  }
}

/**
 * What stands between the picture and the second convolution. On three channels 8 bits gain no time, and what is lost here is lost
 * for all that follows.
 */
function firstLayers({ graph }: OnnxModel): Set<OnnxNode> {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const pictures = new Set(graph.input.map(({ name }) => name));
  const made = new Set(pictures);
  const first = new Set<OnnxNode>();
  for (const node of graph.node) {
    const inputs = node.input.filter((name) => name !== '' && !weights.has(name));
    if (inputs.length === 0 || !inputs.every((name) => (node.opType === 'Conv' ? pictures : made).has(name))) continue;
    first.add(node);
    for (const name of node.output) made.add(name);
  }
  return first;
}

/** The last convolutions and what follows: ranges fit the many low scores, and would cut off the few high ones that matter. */
function lastLayers({ graph }: OnnxModel): Set<OnnxNode> {
  const toConvolutions = new Set<string>();
  const last = new Set<OnnxNode>();
  for (const node of graph.node.toReversed()) {
    const isLast = !node.output.some((name) => toConvolutions.has(name));
    if (isLast) last.add(node);
    if (!isLast || node.opType === 'Conv') for (const name of node.input) toConvolutions.add(name);
  }
  return last;
}

function scaleOf({ min, max }: ValueRange): Scale {
  const scale = Math.fround((max - min) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-min / scale))) };
}

/** −63 … 63 for each output channel, −127 … 127 with 8 bits. */
function wholeNumbers(
  values: Float32Array,
  { channels, bits }: { channels: number; bits: number },
): { whole: Int8Array; scales: Float32Array } {
  const most = 2 ** (bits - 1) - 1;
  const length = values.length / channels;
  const whole = new Int8Array(values.length);
  const scales = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const from = channel * length;
    const largest = values.subarray(from, from + length).reduce((size, value) => Math.max(size, Math.abs(value)), 0);
    const scale = Math.fround(largest / most) || 1;
    scales[channel] = scale;
    for (let i = from; i < from + length; i++) whole[i] = Math.round((values[i] as number) / scale);
  }
  return { whole, scales };
}
