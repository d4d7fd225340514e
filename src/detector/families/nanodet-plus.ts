/**
 * NanoDet-Plus (RangiLyu): one output [1, points, classes + 4 × 8]. Class scores are sigmoids already; each side's distance is
 * the expectation over a softmax of 8 bins, times the stride, from the point (column, row) × stride. Points of strides 8, 16,
 * 32, 64 follow each other, row-major. Source: nanodet/model/head/nanodet_plus_head.py and models/README.md.
 */
import { COCO_LABELS } from '../coco-labels.ts';
import type { Candidate, DecodeOptions, Family, Graph, TensorInfo } from '../family.ts';

const STRIDES = [8, 16, 32, 64] as const;
const BINS = 8;
const DISTANCES = 4 * BINS;
const DEFAULT_SHAPE = { multiplePx: 32, areaPx: 544 * 320 };

export const nanodetPlus: Family = {
  name: 'nanodet-plus',
  nmsIou: 0.6,
  recognise,
  labels: (graph, manifest) => manifest?.labels ?? COCO_LABELS.slice(0, classesOf(graph)),
  pixels: (manifest) => ({
    channels: manifest?.input?.channels ?? 'bgr',
    mean: manifest?.input?.mean ?? [103.53, 116.28, 123.675],
    std: manifest?.input?.std ?? [57.375, 57.12, 58.395],
  }),
  shape: (graph, manifest) => {
    const [, , height, width] = graph.inputs[0]?.shape ?? [];
    if (typeof height === 'number' && typeof width === 'number') return { fixed: { widthPx: width, heightPx: height } };
    return {
      multiplePx: manifest?.input?.sideMultiplePx ?? DEFAULT_SHAPE.multiplePx,
      areaPx: manifest?.input?.areaPx ?? DEFAULT_SHAPE.areaPx,
    };
  },
  decode,
};

function recognise({ inputs, outputs }: Graph): string | undefined {
  const [input, output] = [inputs[0], outputs[0]];
  if (!input || !output || inputs.length !== 1 || outputs.length !== 1 || !isPicture(input) || output.shape.length !== 3)
    return undefined;
  const [, points, channels] = output.shape;
  if (typeof channels !== 'number' || channels <= DISTANCES || !arePointsOf(input, points)) return undefined;
  return `output ${output.name} is [1, points, ${channels}] = ${channels - DISTANCES} classes + 4 × ${BINS} distance bins over strides ${STRIDES.join(', ')}`;
}

function isPicture({ type, shape }: TensorInfo): boolean {
  return type === 'float32' && shape.length === 4 && shape[1] === 3;
}

/** With a fixed picture the number of points is known, with a symbolic one it is symbolic too. */
function arePointsOf({ shape: [, , height, width] }: TensorInfo, points: number | string | undefined): boolean {
  if (typeof height === 'number' && typeof width === 'number')
    return points === pointsOf(width, height) || typeof points === 'string';
  return typeof points !== 'number';
}

function decode(outputs: ReadonlyMap<string, Float32Array>, { input, labels, minScore }: DecodeOptions): Candidate[] {
  const [output] = outputs.values();
  const points = pointsOf(input.widthPx, input.heightPx);
  if (!output || output.length % points !== 0)
    throw new Error(`Expected an output of ${points} points but received ${output?.length ?? 0} values`);
  const channels = output.length / points;
  const candidates: Candidate[] = [];
  let at = 0;
  for (const stride of STRIDES) {
    const columns = Math.ceil(input.widthPx / stride);
    const cells = columns * Math.ceil(input.heightPx / stride);
    for (let cell = 0; cell < cells; cell++, at += channels) {
      const best = bestLabel(output, { at, labels, minScore });
      if (best)
        candidates.push({
          ...best,
          ...box(output, {
            at: at + channels - DISTANCES,
            stride,
            xPx: (cell % columns) * stride,
            yPx: Math.floor(cell / columns) * stride,
          }),
        });
    }
  }
  return candidates;
}

function bestLabel(
  output: Float32Array,
  { at, labels, minScore }: { at: number; labels: readonly number[]; minScore: number },
): { label: number; score: number } | undefined {
  let best: { label: number; score: number } | undefined;
  for (const label of labels) {
    const score = output[at + label] ?? 0;
    if (score >= (best?.score ?? minScore)) best = { label, score };
  }
  return best;
}

function box(
  output: Float32Array,
  { at, stride, xPx, yPx }: { at: number; stride: number; xPx: number; yPx: number },
): Pick<Candidate, 'xPx' | 'yPx' | 'wPx' | 'hPx'> {
  const left = expectation(output, at) * stride;
  const top = expectation(output, at + BINS) * stride;
  const right = expectation(output, at + 2 * BINS) * stride;
  const bottom = expectation(output, at + 3 * BINS) * stride;
  return { xPx: xPx - left, yPx: yPx - top, wPx: left + right, hPx: top + bottom };
}

/** Mean of the distribution that a softmax over the bins gives: the integral of generalised focal loss (arXiv 2006.04388). */
function expectation(output: Float32Array, at: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < BINS; bin++) max = Math.max(max, output[at + bin] ?? 0);
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const weight = Math.exp((output[at + bin] ?? 0) - max);
    sum += weight;
    weighted += weight * bin;
  }
  return weighted / sum;
}

function pointsOf(widthPx: number, heightPx: number): number {
  return STRIDES.reduce((sum, stride) => sum + Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride), 0);
}

function classesOf({ outputs }: Graph): number {
  const channels = outputs[0]?.shape[2];
  return typeof channels === 'number' ? channels - DISTANCES : COCO_LABELS.length;
}
