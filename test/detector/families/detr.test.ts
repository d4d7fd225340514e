import { describe, expect, it } from 'vitest';
import { detr } from '../../../src/detector/families/detr.ts';
import type { Candidate, Output } from '../../../src/detector/family.ts';
import { seenOf } from '../seen.ts';

const INPUT = { widthPx: 200, heightPx: 100 };

function table(name: string, rows: readonly (readonly number[])[]): Output {
  return { name, type: 'float32', dims: [1, rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) };
}

const BOX = [0.5, 0.5, 0.2, 0.4];
const BOXES = table('boxes', [BOX, BOX, BOX]);

function decode(nobody: readonly number[], somebody: readonly number[]): Candidate[] {
  const trial = table('logits', [nobody, nobody, nobody]);
  const plan = detr.recognise(seenOf(INPUT, [BOXES, trial]), { isStated: false });
  if (!plan) throw new Error('Expected a plan');
  const logits = table('logits', [nobody, somebody, nobody]);
  return plan.decode([BOXES, logits], { input: INPUT, labels: [0, 1], minScore: 0.1 });
}

describe('a detection transformer', () => {
  it('of sigmoids reports every wanted class of a query', () => {
    const [person, bicycle, ...more] = decode([-5, -6, -7], [1, 2, 3]);
    expect(more).toEqual([]);
    expect(person).toMatchObject({ label: 0, xPx: expect.closeTo(80, 4), yPx: expect.closeTo(30, 4) });
    expect(person).toMatchObject({ wPx: expect.closeTo(40, 4), hPx: expect.closeTo(40, 4) });
    expect(person?.score).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(bicycle).toEqual({ ...person, label: 1, score: bicycle?.score });
    expect(bicycle?.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('of a softmax reports every wanted class of a query by its share, however large the logits are', () => {
    for (const all of [0, 1000]) {
      const found = decode([all, all, all, all + 9], [all + 2, all + 3, all + 3, all]);
      const sum = Math.exp(2) + 2 * Math.exp(3) + 1;
      expect(found.map(({ label }) => label)).toEqual([0, 1]);
      expect(found[0]?.score).toBeCloseTo(Math.exp(2) / sum, 6);
      expect(found[1]?.score).toBeCloseTo(Math.exp(3) / sum, 6);
    }
  });
});
