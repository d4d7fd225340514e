import { expect, it } from 'vitest';
import { round, roundedBox } from '../../src/lib/round.ts';

it('keeps so many digits, and of a box four', () => {
  expect([round(0.87654, 3), round(12.345, 1), round(-0.00004, 4)]).toEqual([0.877, 12.3, -0]);
  expect(roundedBox({ x: 0.123456, y: 1 / 3, w: 0.5, h: 0 })).toEqual({ x: 0.1235, y: 0.3333, w: 0.5, h: 0 });
});
