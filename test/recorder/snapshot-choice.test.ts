import { describe, expect, it } from 'vitest';
import { candidateOf, SnapshotChoice } from '../../src/recorder/snapshot-choice.ts';
import { person, tracked } from './film.ts';

function offerAll(scores: readonly number[]): (number | undefined)[] {
  const choice = new SnapshotChoice();
  return scores.map((score, slot) => choice.offer(candidateOf(tracked(slot, [person(1, { score })]))!)?.slot);
}

const quality = (part: object): number => candidateOf(tracked(0, [person(1, part)]))!.quality;

describe('candidateOf', () => {
  it('takes the best confirmed person that is seen', () => {
    const big = person(2, { score: 0.5, sharpness: 1, box: { x: 0.1, y: 0.1, w: 0.4, h: 0.4 } });
    const small = person(1, { score: 0.9, sharpness: 1, box: { x: 0.5, y: 0.5, w: 0.1, h: 0.1 } });
    expect(candidateOf(tracked(7, [small, big]))).toMatchObject({ slot: 7, ptsMs: 1400, quality: 0.2 });
  });

  it('is nothing without one', () => {
    expect(candidateOf(tracked(0, [person(1, { isConfirmed: false }), person(2, { isSeen: false })]))).toBeUndefined();
  });

  it('prefers a sharp person to one that is a little larger or surer but blurred', () => {
    const sharp = quality({ score: 0.6, sharpness: 0.1 });
    expect(sharp).toBeGreaterThan(quality({ score: 0.8, sharpness: 0.04 }));
    expect(sharp).toBeGreaterThan(quality({ score: 0.6, sharpness: 0.04, box: { x: 0.4, y: 0.2, w: 0.22, h: 0.7 } }));
    expect(sharp).toBeGreaterThan(quality({ score: 0.6 }));
    // Twice as large is worth more than half as sharp.
    expect(quality({ score: 0.6, sharpness: 0.05, box: { x: 0.2, y: 0.05, w: 0.4, h: 0.9 } })).toBeGreaterThan(sharp);
  });

  it('prefers a whole person to a larger one cut by the border', () => {
    const whole = candidateOf(tracked(0, [person(1, { box: { x: 0.1, y: 0.1, w: 0.3, h: 0.3 } })]))!;
    const cut = candidateOf(tracked(0, [person(1, { box: { x: 0, y: 0.1, w: 0.4, h: 0.4 } })]))!;
    expect(whole.quality).toBeGreaterThan(cut.quality);
  });
});

describe('SnapshotChoice', () => {
  it('takes the first one at once, then only one that is clearly better', () => {
    expect(offerAll([0.5, 0.5, 0.5, 0.5, 0.5, 0.55, 0.6, 0.6])).toEqual([0, ...Array(5).fill(undefined), 6, undefined]);
  });

  it('takes at most one a second, and remembers the best of those in between', () => {
    expect(offerAll([0.5, 0.6, 0.9, 0.7, 0.5, 0.5])).toEqual([0, undefined, undefined, undefined, undefined, 2]);
  });

  it('gives what still waits at the end', () => {
    const choice = new SnapshotChoice();
    for (const [slot, score] of [0.5, 0.9].entries()) choice.offer(candidateOf(tracked(slot, [person(1, { score })]))!);
    expect(choice.takePending()?.slot).toBe(1);
    expect(choice.takePending()).toBeUndefined();
  });
});
