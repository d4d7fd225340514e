import { describe, expect, it } from 'vitest';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { halfModel } from '../../models/half-graph.ts';
import { measureRanges } from '../../models/measure-ranges.ts';
import { OnnxGraph } from '../../models/onnx-graph.ts';
import { decodeModel, encodeModel, type OnnxModel, withGraph } from '../../models/onnx-model.ts';
import { withPoolsFirst } from '../../models/pool-first.ts';
import { quantizedModel } from '../../models/quantized-graph.ts';
import { readOnnxFile } from '../../src/detector/onnx-file.ts';
import { modelFolder } from '../detector/folder.ts';
import { bytes, encode, message } from '../detector/onnx.ts';

const SIDE = 32;
const CHANNELS = 8;
const TWICE = { strides: [2, 2], pads: [1, 1, 1, 1], kernel_shape: [3, 3] };
const random = numbers(7);
const picture = { images: new Tensor('float32', values(3 * SIDE * SIDE, 2), [1, 3, SIDE, SIDE]) };
const file = smallNetwork();
const model = decodeModel(file);

/** The same numbers every time, −0.5 … 0.5. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
}

function values(length: number, factor = 1): Float32Array {
  return Float32Array.from({ length }, () => random() * factor);
}

/** Two convolutions with a pooling between them, and a third that meets the first again. */
function smallNetwork(): Uint8Array {
  const graph = new OnnxGraph();
  const conv = (x: string, depth: number): string => {
    const weights = graph.floats({ dims: [CHANNELS, depth, 3, 3], values: values(CHANNELS * depth * 9) }, 'w');
    const bias = graph.floats({ dims: [CHANNELS], values: values(CHANNELS) }, 'b');
    return graph.op('Conv', [x, weights, bias], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  };
  const first = graph.op('LeakyRelu', [conv('images', 3)], { alpha: { float: 0.1 } });
  const pooled = graph.op('MaxPool', [first], TWICE);
  const second = graph.op('Relu', [conv(pooled, CHANNELS)]);
  const joined = graph.op('Concat', [second, pooled], { axis: 1 });
  const third = conv(joined, 2 * CHANNELS);
  graph.ops('Sigmoid', { inputs: [third], outputs: ['output'] });
  const encoded = graph.encode({
    name: 'small',
    producer: 'test',
    about: '',
    input: ['images', [1, 3, SIDE, SIDE]],
    output: ['output', [1, CHANNELS, SIDE / 2, SIDE / 2]],
  });
  // A field that onnx.proto does not name: metadata.
  return Buffer.concat([encoded, encode([message(14, [bytes(1, 'names'), bytes(2, "{0: 'person'}")])])]);
}

async function answerOf(one: OnnxModel): Promise<Float32Array> {
  const session = await InferenceSession.create(Buffer.from(encodeModel(one)), { logSeverityLevel: 3 });
  const { output } = await session.run(picture);
  return output?.data as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

const opsOf = ({ graph }: OnnxModel): string[] => graph.node.map(({ opType }) => opType);

/** Names of the convolutions' weights. */
const weightsOf = ({ graph }: OnnxModel): (string | undefined)[] =>
  graph.node.filter(({ opType }) => opType === 'Conv').map(({ input }) => input[1]);

const weightBytes = ({ graph }: OnnxModel): number =>
  graph.initializer.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0);

describe('a model with 8-bit convolutions', () => {
  it('answers as the float one does, within what 256 levels leave', async () => {
    const whole = quantizedModel(model, { ranges: await measureRanges(model, [() => picture]) });
    expect(largestDifference(await answerOf(whole), await answerOf(model))).toBeLessThan(0.1);
    expect(whole.graph.initializer.filter(({ dataType, dims }) => dataType === 3 && dims.length === 4)).toHaveLength(1);
  });

  it('keeps its first and last layers in float, and what is asked for', async () => {
    const ranges = await measureRanges(model, [() => picture]);
    const whole = quantizedModel(model, { ranges });
    const [first, second, third] = weightsOf(model);
    expect(weightsOf(whole)).toEqual([first, `${second}_dq`, third]);
    expect(opsOf(quantizedModel(model, { ranges, keeps: () => true }))).toEqual(opsOf(model));
  });

  it('is refused where the file is older than scales per channel', () => {
    const old = decodeModel(file);
    const [opset] = old.opsetImport;
    if (opset) Object.assign(opset, { version: 12 });
    expect(() => quantizedModel(old, { ranges: new Map() })).toThrow(
      'Expected a model of opset 13 or later but received one of 12',
    );
  });
});

describe('a pooling after an activation', () => {
  it('comes first, and nothing changes', async () => {
    const swapped = withPoolsFirst(model);
    expect(opsOf(swapped).slice(0, 3)).toEqual(['Conv', 'MaxPool', 'LeakyRelu']);
    expect(largestDifference(await answerOf(swapped), await answerOf(model))).toBe(0);
  });
});

describe('a model with half-float weights', () => {
  it('answers as the float one does, from half the bytes', async () => {
    const half = halfModel(model);
    expect(largestDifference(await answerOf(half), await answerOf(model))).toBeLessThan(0.01);
    expect(weightBytes(half)).toBeLessThan(0.55 * weightBytes(model));
  });
});

describe('a changed file', () => {
  it('has its constants among the weights, so that they stay exact', () => {
    const [first, ...others] = model.graph.initializer;
    const constant = {
      opType: 'Constant',
      input: [],
      output: [first?.name ?? ''],
      attribute: [{ name: 'value', t: first, type: 4 }],
    };
    const graph = { node: [constant, ...model.graph.node] as OnnxModel['graph']['node'], initializer: others };
    const read = decodeModel(encodeModel(withGraph(model, graph)));
    expect(opsOf(read)).toEqual(opsOf(model));
    expect(read.graph.initializer.map(({ name }) => name).sort()).toEqual(model.graph.initializer.map(({ name }) => name).sort());
  });

  it('is the same to the byte where nothing is changed', () => {
    expect(Buffer.compare(encodeModel(decodeModel(file)), file)).toBe(0);
  });

  it('keeps the names of classes that its metadata state', async () => {
    await using folder = await modelFolder();
    const path = await folder.put('half.onnx', encodeModel(halfModel(model)));
    expect(readOnnxFile(path).metadata.get('names')).toBe("{0: 'person'}");
  });
});
