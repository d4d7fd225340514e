import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/detector/family.ts';
import { suppress as suppressIn } from '../../src/detector/nms.ts';

const at = (xPx: number, score: number, label = 0): Candidate => ({ label, score, xPx, yPx: 0, wPx: 100, hPx: 100 });

const FRAME = { widthPx: 10_000_000, heightPx: 1000 };
const suppress = (candidates: readonly Candidate[], iou: number): Candidate[] => suppressIn(candidates, { iou, frame: FRAME });

describe('non-maximum suppression', () => {
  it('keeps the best of boxes that overlap by more than the limit, best first', () => {
    expect(suppress([at(10, 0.5), at(0, 0.9), at(300, 0.7), at(15, 0.6)], 0.6)).toEqual([at(0, 0.9), at(300, 0.7)]);
  });

  it('keeps boxes that overlap by less than the limit', () => {
    // Shifted by a third: IoU 0.5.
    expect(suppress([at(0, 0.9), at(100 / 3, 0.8)], 0.6)).toHaveLength(2);
    expect(suppress([at(0, 0.9), at(100 / 3, 0.8)], 0.4)).toHaveLength(1);
  });

  it('keeps boxes of different classes on the same spot', () => {
    expect(suppress([at(0, 0.9, 0), at(0, 0.8, 1)], 0.6)).toHaveLength(2);
  });

  it('keeps at most 300 candidates, the best ones', () => {
    const many = Array.from({ length: 1000 }, (_, i) => at(i * 200, (i + 1) / 1000));
    const kept = suppress(many, 0.6);
    expect(kept).toHaveLength(300);
    expect(kept.at(-1)?.score).toBeCloseTo(0.701);
  });

  it('keeps that many of each class: one of which there is too much does not crowd out another', () => {
    const many = Array.from({ length: 1000 }, (_, i) => at(i * 200, 0.9));
    expect(suppress([...many, at(0, 0.1, 1)], 0.6).filter(({ label }) => label === 1)).toEqual([at(0, 0.1, 1)]);
  });

  it('measures only what lies inside the frame', () => {
    const beyond = { ...at(-50, 0.8), wPx: 100 };
    const other = { ...at(-10, 0.9), wPx: 60 };
    // IoU 0.45 of the boxes, 1 of what is to be seen of them.
    expect(suppress([beyond, other], 0.6)).toEqual([other]);
  });

  it('of nothing is nothing', () => {
    expect(suppress([], 0.6)).toEqual([]);
  });

  it('does not change what it was given', () => {
    const given = Object.freeze([at(0, 0.1), at(0, 0.9)]);
    suppress(given, 0.6);
    expect(given.map(({ score }) => score)).toEqual([0.1, 0.9]);
  });
});
