import { describe, expect, it } from 'vitest';
import { frameOf, type Bitmap } from '../../src/detector/resample.ts';
import type { FrameShape } from '../../src/detector/shape.ts';

/** Grey pixels in one row. */
function row(...values: readonly number[]): Bitmap {
  return { rgb: Uint8Array.from(values.flatMap((value) => [value, value, value])), widthPx: values.length, heightPx: 1 };
}

function shapeOf(widthPx: number): FrameShape {
  return { widthPx, heightPx: 1, picture: { widthPx, heightPx: 1, leftPx: 0, topPx: 0 }, border: 114 };
}

const greys = (frame: Uint8Array): number[] => [...frame.subarray(0, frame.length / 3)];

describe('a photo that becomes a frame', () => {
  it('is made smaller by the two nearest pixels, however many lie between', () => {
    const photo = row(0, 100, 200, 40, 80, 120, 160, 240);
    expect(greys(frameOf(photo, { shape: shapeOf(2), how: 'linear' }))).toEqual([150, 140]);
    expect(greys(frameOf(photo, { shape: shapeOf(4), how: 'linear' }))).toEqual([50, 120, 100, 200]);
  });

  it('is made smaller by the mean of all pixels, those on an edge by their share', () => {
    expect(greys(frameOf(row(0, 100, 200, 40, 80, 120), { shape: shapeOf(2), how: 'area' }))).toEqual([100, 80]);
    expect(greys(frameOf(row(0, 90, 240), { shape: shapeOf(2), how: 'area' }))).toEqual([30, 190]);
  });

  it('is made larger by what lies between two pixels, whichever way it would be made smaller', () => {
    for (const how of ['linear', 'area'] as const)
      expect(greys(frameOf(row(0, 100), { shape: shapeOf(4), how }))).toEqual([0, 25, 75, 100]);
  });

  it('lies where the model wants it, in planes of green, blue and red, with grey around', () => {
    const photo: Bitmap = { rgb: Uint8Array.of(1, 2, 3), widthPx: 1, heightPx: 1 };
    const shape: FrameShape = { widthPx: 2, heightPx: 2, picture: { widthPx: 1, heightPx: 1, leftPx: 1, topPx: 0 }, border: 9 };
    expect([...frameOf(photo, { shape, how: 'linear' })]).toEqual([9, 2, 9, 9, 9, 3, 9, 9, 9, 1, 9, 9]);
  });
});
