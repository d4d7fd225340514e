import { describe, expect, it } from 'vitest';
import { FirstTimes } from '../../src/source/first-times.ts';

function times(dtsMs: readonly number[], fps = 25): number[] {
  const first = new FirstTimes(fps);
  return [...dtsMs.flatMap((ms) => first.push({ dtsMs: ms })), ...first.end()].map((sample) => Math.round(sample.dtsMs));
}

describe('FirstTimes', () => {
  it('dates back what ffmpeg pushed together', () => {
    expect(times([40, 40, 40, 80, 120, 160])).toEqual([-40, 0, 40, 80, 120, 160]);
  });

  it('believes what can be', () => {
    expect(times([40, 61, 101, 141, 181, 221, 222])).toEqual([40, 61, 101, 141, 181, 221, 222]);
    expect(times([0, 200, 400], 5)).toEqual([0, 200, 400]);
  });

  it('holds no more than the first five', () => {
    const first = new FirstTimes(25);
    for (let i = 0; i < 4; i++) expect(first.push({ dtsMs: i * 40 })).toEqual([]);
    expect(first.push({ dtsMs: 160 })).toHaveLength(5);
    expect(first.push({ dtsMs: 200 })).toHaveLength(1);
    expect(first.end()).toEqual([]);
  });
});
