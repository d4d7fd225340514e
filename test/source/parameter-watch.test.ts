import { describe, expect, it } from 'vitest';
import { ParameterWatch } from '../../src/source/parameter-watch.ts';

/** avcC with four bytes of length, and the type of its first SPS. */
const AVC = Buffer.concat([Buffer.from('....avcC', 'latin1'), Buffer.from([1, 0x64, 0, 0x1f, 0xff])]);
const HEVC = Buffer.concat([Buffer.from('....hvcC', 'latin1'), Buffer.alloc(21), Buffer.from([0xff])]);

function sample(...units: readonly number[][]): Buffer {
  return Buffer.concat(units.map((unit) => Buffer.from([0, 0, 0, unit.length, ...unit])));
}

describe('ParameterWatch', () => {
  it('compares with the first key frame, not with what the camera announced', () => {
    const watch = new ParameterWatch('h264', AVC);
    expect(watch.hasChanged(sample([0x67, 1, 2], [0x65, 9]))).toBe(false);
    expect(watch.hasChanged(sample([0x65, 9]))).toBe(false);
    expect(watch.hasChanged(sample([0x67, 1, 2], [0x68, 7], [0x65, 8]))).toBe(false);
    expect(watch.hasChanged(sample([0x67, 1, 3], [0x65, 9]))).toBe(true);
  });

  it('takes a set that stands in a key frame twice, or once after that, for no change', () => {
    const watch = new ParameterWatch('h264', AVC);
    expect(watch.hasChanged(sample([0x67, 1, 2], [0x67, 1, 2], [0x65, 9]))).toBe(false);
    expect(watch.hasChanged(sample([0x67, 1, 2], [0x65, 9]))).toBe(false);
    expect(watch.hasChanged(sample([0x67, 1, 2], [0x67, 1, 4], [0x65, 9]))).toBe(true);
  });

  it('reads HEVC', () => {
    const watch = new ParameterWatch('hevc', HEVC);
    expect(watch.hasChanged(sample([0x42, 1, 1], [0x26, 1]))).toBe(false);
    expect(watch.hasChanged(sample([0x42, 1, 2], [0x26, 1]))).toBe(true);
  });

  it('does not trust lengths', () => {
    const watch = new ParameterWatch('h264', AVC);
    expect(watch.hasChanged(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x67]))).toBe(false);
    expect(watch.hasChanged(Buffer.alloc(3))).toBe(false);
  });
});
