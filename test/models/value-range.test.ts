import { describe, expect, it } from 'vitest';
import { Histogram, widened } from '../../models/value-range.ts';

const uniform = Float32Array.from({ length: 10_000 }, (_, i) => i / 10_000);

describe('the range of a tensor', () => {
  it('holds 0, whatever was seen', () => {
    expect(widened(undefined, Float32Array.of(3, 5))).toEqual({ min: 0, max: 5 });
    expect(widened({ min: -1, max: 2 }, Float32Array.of(-4, 1))).toEqual({ min: -4, max: 2 });
  });

  it('is all that was seen where values are spread evenly', () => {
    const histogram = new Histogram({ min: 0, max: 1 });
    histogram.add(uniform);
    expect(histogram.best()).toEqual({ min: 0, max: 1 });
  });

  it('leaves out a few far ones, so that the others are told apart', () => {
    const histogram = new Histogram({ min: 0, max: 5 });
    histogram.add(Float32Array.of(5));
    for (let i = 0; i < 1000; i++) histogram.add(uniform);
    expect(histogram.best().max).toBeLessThan(2);
  });

  it('cares less for negative values that will be multiplied by less', () => {
    const histogram = new Histogram({ min: -1, max: 1 });
    histogram.add(uniform);
    histogram.add(uniform.map((value) => -value));
    expect(histogram.best().min).toBe(-1);
    expect(histogram.best({ slope: 0.01 }).min).toBeGreaterThan(-0.9);
  });
});
