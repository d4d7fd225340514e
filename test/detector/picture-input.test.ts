import { describe, expect, it } from 'vitest';
import { findPicture } from '../../src/detector/picture-input.ts';

type Shape = readonly (number | string)[];

const pictureOf = (shape: Shape, type = 'float32') => findPicture([{ name: 'images', type, shape }]);

describe('the picture among the inputs', () => {
  it.each<{ what: string; shape: Shape; layout: string; widthPx: number | undefined; heightPx: number | undefined }>([
    { what: 'planes', shape: [1, 3, 320, 544], layout: 'nchw', widthPx: 544, heightPx: 320 },
    { what: 'pixels', shape: [1, 320, 544, 3], layout: 'nhwc', widthPx: 544, heightPx: 320 },
    { what: 'symbolic sides', shape: ['n', 3, 'h', 'w'], layout: 'nchw', widthPx: undefined, heightPx: undefined },
  ])('may be $what', ({ shape, layout, widthPx, heightPx }) => {
    for (const type of ['float32', 'float16', 'uint8'])
      expect(pictureOf(shape, type)).toEqual({ name: 'images', type, layout, widthPx, heightPx });
  });

  it.each<{ what: string; shape: Shape; type?: string }>([
    { what: 'four channels', shape: [1, 4, 416, 416] },
    { what: 'a batch of two', shape: [2, 3, 416, 416] },
    { what: 'a vector', shape: [1, 1000] },
    { what: 'whole numbers', shape: [1, 3, 416, 416], type: 'int64' },
  ])('is not $what', ({ shape, type }) => {
    expect(pictureOf(shape, type)).toBeUndefined();
  });

  it('is one only', () => {
    const input = { type: 'float32', shape: [1, 3, 64, 64] };
    expect(
      findPicture([
        { name: 'left', ...input },
        { name: 'right', ...input },
      ]),
    ).toBeUndefined();
    expect(findPicture([])).toBeUndefined();
  });
});
