import { describe, expect, it } from 'vitest';
import { footOf, isInside, type Point } from '../../src/lib/polygon.ts';

/** An L: the upper right quarter is outside. */
const L: Point[] = [
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
];

describe('a polygon', () => {
  it.each([
    { point: [0.25, 0.25], inside: true },
    { point: [0.75, 0.75], inside: true },
    { point: [0.75, 0.25], inside: false },
    { point: [-0.1, 0.5], inside: false },
    { point: [0.5, 1.1], inside: false },
  ] as const)('of six corners holds $point: $inside', ({ point, inside }) => {
    expect(isInside(point, L)).toBe(inside);
    expect(isInside(point, L.toReversed())).toBe(inside);
  });

  it('without corners holds nothing', () => {
    expect(isInside([0, 0], [])).toBe(false);
  });
});

describe('a foot', () => {
  it('is the middle of the lower edge', () => {
    expect(footOf({ x: 0.2, y: 0.1, w: 0.1, h: 0.5 })).toEqual([0.25, 0.6]);
  });
});
