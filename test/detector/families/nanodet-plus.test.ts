import { describe, expect, it } from 'vitest';
import { nanodetPlus } from '../../../src/detector/families/nanodet-plus.ts';
import type { Candidate, Output } from '../../../src/detector/family.ts';
import { seenOf } from '../seen.ts';

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
function output(classes: number, people: readonly Person[]): Output {
  const channels = classes + DISTANCES;
  const tensor = new Float32Array(85 * channels);
  for (const { stride, column, row, label, score, distances } of people) {
    const before = STRIDES.filter((other) => other < stride).reduce((sum, other) => sum + (64 / other) ** 2, 0);
    const at = (before + row * (64 / stride) + column) * channels;
    tensor[at + label] = score;
    for (const [side, distance] of distances.entries()) tensor[at + classes + side * BINS + distance] = 100;
  }
  return { name: 'output', type: 'float32', dims: [1, 85, channels], data: tensor };
}

/** Read by the plan for a model that answered the trial picture like this: nobody there, and bins that are no probabilities. */
function decode(outputs: readonly Output[], labels: readonly number[] = [0]): Candidate[] {
  const trial = output(80, [{ ...PERSON, score: 0.01 }]);
  const plan = nanodetPlus.recognise(seenOf(INPUT, [trial]), { isStated: false });
  if (!plan) throw new Error('Expected a plan');
  return plan.decode(outputs, { input: INPUT, labels, minScore: 0.1 });
}

const PERSON: Person = { stride: 16, column: 2, row: 1, label: 0, score: 0.9, distances: [1, 1, 2, 2] };

describe('NanoDet-Plus', () => {
  it('decodes the box of a point: distances times stride around column and row times stride', () => {
    const [found, ...more] = decode([output(80, [PERSON])]);
    expect(more).toEqual([]);
    expect(found?.label).toBe(0);
    expect(found?.score).toBeCloseTo(0.9, 6);
    expect(found).toMatchObject({ xPx: 32 - 16, yPx: 16 - 16, wPx: 16 + 32, hPx: 16 + 32 });
  });

  it('takes the mean of a distribution over the bins', () => {
    const answer = output(80, [PERSON]);
    const tensor = answer.data;
    const left = (64 + 4 + 2) * 112 + 80;
    tensor.fill(0, left, left + BINS);
    tensor[left + 2] = 50;
    tensor[left + 3] = 50;
    expect(decode([answer])[0]?.xPx).toBeCloseTo(32 - 2.5 * 16, 4);
  });

  it.each(STRIDES)('finds the last point of stride %i', (stride) => {
    const last = 64 / stride - 1;
    const found = decode([output(80, [{ ...PERSON, stride, column: last, row: last, distances: [0, 0, 1, 1] }])]);
    expect(found).toHaveLength(1);
    const { xPx, yPx, wPx, hPx } = found[0]!;
    for (const [actual, expected] of [
      [xPx, last * stride],
      [yPx, last * stride],
      [wPx, stride],
      [hPx, stride],
    ] as const)
      expect(actual).toBeCloseTo(expected, 6);
  });

  it('reports wanted classes only, from the least score on', () => {
    const answer = output(80, [PERSON, { ...PERSON, row: 3, label: 2, score: 0.8 }, { ...PERSON, row: 2, score: 0.09 }]);
    answer.data[(64 + 4 + 2) * 112 + 2] = 0.95;
    expect(decode([answer]).map(({ label }) => label)).toEqual([0]);
    expect(decode([answer], [2]).map(({ label }) => label)).toEqual([2, 2]);
  });

  it('reports every wanted class of a point: what one camera looks for hides no person from another', () => {
    const answer = output(80, [PERSON]);
    answer.data[(64 + 4 + 2) * 112 + 2] = 0.95;
    answer.data[(64 + 4 + 2) * 112 + 3] = 0.09;
    const [person, car, ...more] = decode([answer], [0, 2, 3]);
    expect(more).toEqual([]);
    expect([person?.label, car?.label]).toEqual([0, 2]);
    expect(person?.score).toBeCloseTo(0.9, 6);
    expect(car?.score).toBeCloseTo(0.95, 6);
    expect(car).toEqual({ ...person, label: 2, score: car?.score });
  });

  it('refuses an output that is not one of its points', () => {
    const answer = output(80, []);
    const ofPoints = (points: number): Output => ({
      ...answer,
      dims: [1, points, 112],
      data: answer.data.subarray(0, points * 112),
    });
    expect(() => decode([ofPoints(10)])).toThrow('Expected an output of 85 points but received 10');
    expect(() => decode([ofPoints(0)])).toThrow('received 0');
  });

  it('has as many classes as the columns beside its bins', () => {
    for (const classes of [80, 1]) {
      const trial = output(classes, [{ ...PERSON, score: 0.01 }]);
      expect(nanodetPlus.recognise(seenOf(INPUT, [trial]), { isStated: false })?.classes).toBe(classes);
    }
  });
});
