import { describe, expect, it } from 'vitest';
import { sharpnessOf } from '../../src/detector/sharpness.ts';

const SIZE = { widthPx: 64, heightPx: 48 };
const WHOLE = { leftPx: 0, topPx: 0, ...SIZE };

/** A texture that is the same in every run. */
function texture(contrast = 1): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length: 64 * 48 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return 128 + contrast * ((state >> 16) % 60);
  });
}

/** Mean of 2r + 1 pixels in a row. */
function blurred(data: Uint8Array, r: number): Uint8Array {
  return data.map((_, i) => {
    const row = data.subarray(Math.max(0, i - r), i + r + 1);
    return row.reduce((sum, value) => sum + value, 0) / row.length;
  });
}

const of = (data: Uint8Array, rect = WHOLE): number => sharpnessOf({ data, ...SIZE }, rect);

describe('sharpnessOf', () => {
  it('falls with every pixel of blur', () => {
    const steps = [0, 1, 2, 4, 8].map((r) => of(blurred(texture(), r)));
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    expect(steps[0]! / steps[2]!).toBeGreaterThan(1.5);
  });

  it('hardly depends on contrast', () => {
    expect(of(texture(2)) / of(texture(1))).toBeCloseTo(1, 0);
  });

  it('looks at the part only', () => {
    const data = texture().map((value, i) => (i % 64 < 32 ? value : 100));
    expect(of(data, { leftPx: 34, topPx: 0, widthPx: 30, heightPx: 48 })).toBe(0);
    expect(of(data, { leftPx: 0, topPx: 0, widthPx: 30, heightPx: 48 })).toBeGreaterThan(0.5);
  });

  it('is 0 where nothing of the part lies in the picture', () => {
    expect(of(texture(), { leftPx: 200, topPx: 0, widthPx: 10, heightPx: 10 })).toBe(0);
    expect(of(texture(), { leftPx: -20, topPx: -20, widthPx: 10, heightPx: 10 })).toBe(0);
  });
});
