import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thumbCrop } from '../../src/recorder/thumb-crop.ts';

const HD = { widthPx: 1280, heightPx: 720 };

describe('thumbCrop', () => {
  it('is the whole picture where there is nobody', () => {
    expect(thumbCrop(HD, [])).toEqual({ left: 0, top: 0, width: 1280, height: 720 });
  });

  it('is around a small person, not smaller than a third of the picture', () => {
    const crop = thumbCrop(HD, [{ x: 0.5, y: 0.5, w: 0.02, h: 0.1 }]);
    expect(crop).toEqual({ left: 429, top: 270, width: 448, height: 252 });
  });

  it('stays inside the picture and holds everybody', () => {
    expect(thumbCrop(HD, [{ x: 0.96, y: 0, w: 0.04, h: 0.2 }])).toMatchObject({ left: 832, top: 0 });
    const both = thumbCrop(HD, [
      { x: 0.1, y: 0.4, w: 0.05, h: 0.3 },
      { x: 0.7, y: 0.4, w: 0.05, h: 0.3 },
    ]);
    expect(both.left).toBeLessThan(128);
    expect(both.left + both.width).toBeGreaterThan(960);
  });

  it('is whole pixels inside the picture with its middle on the people, whatever they do', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const box = fc.tuple(share, share, share, share).map(([x, y, w, h]) => ({ x, y, w: w * (1 - x), h: h * (1 - y) }));
    const size = fc.constantFrom(
      HD,
      { widthPx: 360, heightPx: 640 },
      { widthPx: 2, heightPx: 2 },
      { widthPx: 1920, heightPx: 400 },
    );
    fc.assert(
      fc.property(size, fc.array(box, { minLength: 1, maxLength: 4 }), (of, boxes) => {
        const { left, top, width, height } = thumbCrop(of, boxes);
        for (const value of [left, top, width, height]) expect(Number.isInteger(value)).toBe(true);
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height)).toBeGreaterThan(0);
        expect(left + width).toBeLessThanOrEqual(of.widthPx);
        expect(top + height).toBeLessThanOrEqual(of.heightPx);
      }),
    );
  });
});
