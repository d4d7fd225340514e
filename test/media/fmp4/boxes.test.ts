import { describe, expect, it } from 'vitest';
import { boxesIn, childOf, fileOf, Mp4Error, readHeader, uint32 } from '../../../src/media/fmp4/boxes.ts';
import { box, u32 } from './box.ts';

describe('readHeader', () => {
  it('reads short and long sizes', () => {
    expect(readHeader(box('mdat', u32(1)))).toEqual({ type: 'mdat', bytes: 12, headerBytes: 8 });
    const long = Buffer.concat([u32(1), Buffer.from('mdat'), u32(1, 0)]);
    expect(readHeader(long)).toEqual({ type: 'mdat', bytes: 2 ** 32, headerBytes: 16 });
  });

  it('knows no box in a torn header, in zeros, or with a size that cannot be', () => {
    expect(readHeader(Buffer.alloc(7))).toBeUndefined();
    expect(readHeader(Buffer.alloc(16))).toBeUndefined();
    expect(readHeader(Buffer.concat([u32(7), Buffer.from('mdat')]))).toBeUndefined();
    expect(readHeader(Buffer.concat([u32(1), Buffer.from('mdat')]))).toBeUndefined();
  });
});

describe('boxesIn', () => {
  it('says where each payload stands in the file, at any depth', () => {
    const file = fileOf(Buffer.concat([box('free', 'abc'), box('moov', box('mvex', u32(7)))]));
    expect(boxesIn(file).map(({ type, at }) => [type, at])).toEqual([
      ['free', 8],
      ['moov', 19],
    ]);
    const mvex = childOf(childOf(file, 'moov'), 'mvex');
    expect([mvex.at, uint32(mvex, 0)]).toEqual([27, 7]);
    expect(() => uint32(mvex, 1)).toThrow(new Mp4Error('Expected 5 bytes in box mvex but it has 4'));
  });

  it('names the byte in the file where a box inside a box does not fit', () => {
    const moov = childOf(fileOf(Buffer.concat([box('free'), box('moov', u32(99), 'trak')])), 'moov');
    expect(() => boxesIn(moov)).toThrow('Expected 99 bytes for box trak at byte 16 but the file ends after 8');
  });
});
