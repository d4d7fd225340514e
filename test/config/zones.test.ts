import { expect, it } from 'vitest';
import { zonesOf } from '../../src/config/zones.ts';

it('the zones of a camera are told as polygons with a name, and not at all where there are none', () => {
  const points: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 0.5],
  ];
  expect(zonesOf({ zones: [{ name: 'gate', points, frames: 3, maxSpeed: 12 }] })).toEqual([
    {
      name: 'gate',
      points: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 0.5 },
      ],
    },
  ]);
  expect(zonesOf({ zones: [] })).toBeUndefined();
  expect(zonesOf(undefined)).toBeUndefined();
});
