import { describe, expect, it } from 'vitest';
import { fileOf, Mp4Error, type Parent } from '../../../src/media/fmp4/boxes.ts';
import { readFragment, readInit } from '../../../src/media/fmp4/timing.ts';
import { box, u32 } from './box.ts';

const track = (id: number, handler: string, ticksPerSecond: number): Buffer =>
  box(
    'trak',
    box('tkhd', u32(0, 0, 0, id)),
    box('mdia', box('mdhd', u32(0, 0, 0, ticksPerSecond)), box('hdlr', u32(0, 0), Buffer.from(handler))),
  );

const trex = (id: number, ticks: number): Buffer => box('trex', u32(0, id, 1, ticks, 0, 0));
const init = box('moov', track(1, 'soun', 48_000), track(2, 'vide', 15_360), box('mvex', trex(1, 1024), trex(2, 512)));

const fragment = (tfhd: Buffer, trun: Buffer): Parent =>
  fileOf(box('traf', box('tfhd', tfhd), box('tfdt', u32(0x01000000, 1, 5)), box('trun', trun)));

describe('readInit', () => {
  it('takes the video track', () => {
    expect(readInit(init)).toEqual({ trackId: 2, ticksPerSecond: 15_360, defaultTicks: 512 });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no track', box('moov')],
    ['a time scale of zero', box('moov', track(1, 'vide', 0))],
    ['a box that is larger than its parent', init.subarray(0, init.length - 4)],
    ['rubbish', Buffer.from('this is not an mp4 file at all')],
  ])('refuses %s', (_name, data) => {
    expect(() => readInit(data)).toThrow(Mp4Error);
  });
});

describe('readFragment', () => {
  const timing = readInit(init);
  it('adds up sample durations', () => {
    // duration and size of each sample
    expect(readFragment(fragment(u32(0, 2), u32(0x301, 2, 0, 500, 9, 524, 9)), timing)).toEqual({
      startTicks: 2 ** 32 + 5,
      durationTicks: 1024,
    });
  });

  it('uses the default of the fragment, then of the track', () => {
    expect(readFragment(fragment(u32(0x08, 2, 600), u32(0x200, 3, 9, 9, 9)), timing)?.durationTicks).toBe(1800);
    expect(readFragment(fragment(u32(0, 2), u32(0x200, 3, 9, 9, 9)), timing)?.durationTicks).toBe(1536);
  });

  it('passes over other tracks', () => {
    expect(readFragment(fragment(u32(0, 1), u32(0, 3)), timing)).toBeUndefined();
  });

  it('refuses a run that counts more samples than it holds', () => {
    expect(() => readFragment(fragment(u32(0, 2), u32(0x100, 0xffffffff, 1)), timing)).toThrow(Mp4Error);
  });
});
