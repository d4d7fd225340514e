/** A float model and pictures -> the ranges of its inner tensors, from two runs over all pictures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { encodeModel, type OnnxModel, withGraph } from './onnx-model.ts';
import { tensorsToMeasure } from './quantized-graph.ts';
import { Histogram, type ValueRange, widened } from './value-range.ts';

export type Feeds = Readonly<Record<string, Tensor>>;

/** `feeds` is asked for each picture in turn, twice; what it gives may be used again for the next. */
export async function measureRanges(model: OnnxModel, feeds: readonly (() => Feeds)[]): Promise<ReadonlyMap<string, ValueRange>> {
  const session = await sessionWithAll(model);
  const widest = new Map<string, ValueRange>();
  await eachTensor({ session, feeds }, (name, values) => void widest.set(name, widened(widest.get(name), values)));
  const histograms = new Map([...widest].map(([name, range]) => [name, new Histogram(range)]));
  await eachTensor({ session, feeds }, (name, values) => histograms.get(name)?.add(values));
  const slopes = slopesOf(model);
  return new Map([...histograms].map(([name, seen]) => [name, seen.best({ slope: slopes.get(name) ?? 1 })]));
}

async function eachTensor(
  { session, feeds }: { session: InferenceSession; feeds: readonly (() => Feeds)[] },
  take: (name: string, values: Float32Array) => void,
): Promise<void> {
  for (const feed of feeds) {
    const given = feed();
    const results = await session.run(given);
    for (const [name, { data }] of [...Object.entries(given), ...Object.entries(results)])
      if (data instanceof Float32Array) take(name, data);
  }
}

/** Every tensor of interest is an output. */
async function sessionWithAll(model: OnnxModel): Promise<InferenceSession> {
  const { input, output } = model.graph;
  const known = new Set([...input, ...output].map(({ name }) => name));
  const added = tensorsToMeasure(model).filter((name) => !known.has(name));
  const open = withGraph(model, { output: [...output, ...added.map((name) => ({ name }))] });
  const folder = await mkdtemp(join(tmpdir(), 'quantize-'));
  try {
    const path = join(folder, 'all-outputs.onnx');
    await writeFile(path, encodeModel(open));
    return await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Tensors that go through a LeakyRelu and nowhere else: by what it multiplies negative values. */
function slopesOf({ graph }: OnnxModel): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of graph.node.flatMap(({ input }) => input)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    graph.node
      .filter(({ opType, input: [x = ''] }) => opType === 'LeakyRelu' && counts.get(x) === 1)
      .map(({ input: [x = ''], attribute = [] }) => [x, attribute.find(({ name }) => name === 'alpha')?.f ?? 0.01]),
  );
}
