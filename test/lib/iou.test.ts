import { expect, it } from 'vitest';
import { iou } from '../../src/lib/iou.ts';

type Numbers = readonly [number, number, number, number];
const box = ([x, y, w, h]: Numbers) => ({ x, y, w, h });

it.each<{ share: string; a: Numbers; b: Numbers; expected: number }>([
  { share: 'everything', a: [0.25, 0.25, 0.5, 0.5], b: [0.25, 0.25, 0.5, 0.5], expected: 1 },
  { share: 'half of one', a: [0, 0, 1, 1], b: [0, 0, 0.5, 1], expected: 0.5 },
  { share: 'a side', a: [0, 0, 2, 5], b: [1, 0, 2, 5], expected: 1 / 3 },
  { share: 'a corner', a: [0, 0, 2, 2], b: [1, 1, 2, 2], expected: 1 / 7 },
  { share: 'an edge', a: [0, 0, 1, 1], b: [1, 0, 1, 1], expected: 0 },
  { share: 'nothing', a: [0, 0, 1, 1], b: [5, 5, 1, 1], expected: 0 },
  { share: 'nothing, having no size', a: [0, 0, 0, 0], b: [0, 0, 0, 0], expected: 0 },
])('boxes that share $share have an IoU of $expected', ({ a, b, expected }) => {
  expect(iou(box(a), box(b))).toBe(expected);
  expect(iou(box(b), box(a))).toBe(expected);
});
