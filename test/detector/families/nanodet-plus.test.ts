import { describe, expect, it } from 'vitest';
import { nanodetPlus } from '../../../src/detector/families/nanodet-plus.ts';
import type { Graph } from '../../../src/detector/family.ts';

const INPUT = { widthPx: 64, heightPx: 64 };
const STRIDES = [8, 16, 32, 64];
const BINS = 8;
const DISTANCES = 4 * BINS;

interface Person {
  readonly stride: number;
  readonly column: number;
  readonly row: number;
  readonly label: number;
  readonly score: number;
  /** left, top, right, bottom, in strides */
  readonly distances: readonly [number, number, number, number];
}

/** The output tensor of a picture with these people: one-hot bins, so that the expectation is the distance. */
function output(classes: number, people: readonly Person[]): Map<string, Float32Array> {
  const channels = classes + DISTANCES;
  const tensor = new Float32Array(85 * channels);
  for (const { stride, column, row, label, score, distances } of people) {
    const before = STRIDES.filter((other) => other < stride).reduce((sum, other) => sum + (64 / other) ** 2, 0);
    const at = (before + row * (64 / stride) + column) * channels;
    tensor[at + label] = score;
    for (const [side, distance] of distances.entries()) tensor[at + classes + side * BINS + distance] = 100;
  }
  return new Map([['output', tensor]]);
}

const decode = (outputs: Map<string, Float32Array>, labels: readonly number[] = [0]) =>
  nanodetPlus.decode(outputs, { input: INPUT, labels, minScore: 0.1 });

const graphOf = (height: number | string, width: number | string, channels: number): Graph => ({
  inputs: [{ name: 'images', type: 'float32', shape: [1, 3, height, width] }],
  outputs: [{ name: 'output', type: 'float32', shape: [1, 'points', channels] }],
});

const PERSON: Person = { stride: 16, column: 2, row: 1, label: 0, score: 0.9, distances: [1, 1, 2, 2] };

describe('NanoDet-Plus', () => {
  it('decodes the box of a point: distances times stride around column and row times stride', () => {
    const [found, ...more] = decode(output(80, [PERSON]));
    expect(more).toEqual([]);
    expect(found?.label).toBe(0);
    expect(found?.score).toBeCloseTo(0.9, 6);
    expect(found).toMatchObject({ xPx: 32 - 16, yPx: 16 - 16, wPx: 16 + 32, hPx: 16 + 32 });
  });

  it('takes the mean of a distribution over the bins', () => {
    const outputs = output(80, [PERSON]);
    const tensor = outputs.get('output')!;
    const left = (64 + 4 + 2) * 112 + 80;
    tensor.fill(0, left, left + BINS);
    tensor[left + 2] = 50;
    tensor[left + 3] = 50;
    expect(decode(outputs)[0]?.xPx).toBeCloseTo(32 - 2.5 * 16, 4);
  });

  it.each(STRIDES)('finds the last point of stride %i', (stride) => {
    const last = 64 / stride - 1;
    const found = decode(output(80, [{ ...PERSON, stride, column: last, row: last, distances: [0, 0, 1, 1] }]));
    expect(found).toHaveLength(1);
    const { xPx, yPx, wPx, hPx } = found[0]!;
    for (const [actual, expected] of [
      [xPx, last * stride],
      [yPx, last * stride],
      [wPx, stride],
      [hPx, stride],
    ])
      expect(actual).toBeCloseTo(expected!, 6);
  });

  it('reports wanted classes only, the best of them, from the least score on', () => {
    const outputs = output(80, [PERSON, { ...PERSON, row: 3, label: 2, score: 0.8 }, { ...PERSON, row: 2, score: 0.09 }]);
    outputs.get('output')![(64 + 4 + 2) * 112 + 2] = 0.95;
    expect(decode(outputs).map(({ label }) => label)).toEqual([0]);
    expect(decode(outputs, [0, 2]).map(({ label }) => label)).toEqual([2, 2]);
  });

  it('refuses an output that is not one of its points', () => {
    expect(() => decode(new Map([['output', new Float32Array(1000)]]))).toThrow(
      'Expected an output of 85 points but received 1000',
    );
    expect(() => decode(new Map())).toThrow('received 0 values');
  });

  it('names COCO’s classes, as many as the graph has, unless the manifest does', () => {
    expect(nanodetPlus.labels(graphOf(64, 64, 112), undefined)).toHaveLength(80);
    expect(nanodetPlus.labels(graphOf(64, 64, 33), undefined)).toEqual(['person']);
    expect(nanodetPlus.labels(graphOf(64, 64, 33), { labels: ['helmet'] })).toEqual(['helmet']);
  });

  it('follows the camera where its sides are symbolic, and its own shape where they are not', () => {
    expect(nanodetPlus.shape(graphOf('h', 'w', 112), undefined)).toEqual({ multiplePx: 32, areaPx: 174_080 });
    expect(nanodetPlus.shape(graphOf('h', 'w', 112), { input: { areaPx: 90_000 } })).toEqual({ multiplePx: 32, areaPx: 90_000 });
    expect(nanodetPlus.shape(graphOf(320, 544, 112), undefined)).toEqual({ fixed: { widthPx: 544, heightPx: 320 } });
  });
});
