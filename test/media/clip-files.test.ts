/** The names of a clip's files: what is one, and what never is. */
import { describe, expect, it } from 'vitest';
import { initName, initRun, isInit, isSegment, isVideo, segmentName, segmentNumber } from '../../src/media/clip-files.ts';

describe('the names of a clip', () => {
  it.each([0, 7, 12_345, 123_456])('say their number: segment %i', (number) => {
    expect(segmentNumber(segmentName(number))).toBe(number);
    expect(isSegment(segmentName(number))).toBe(true);
  });

  it.each([0, 1, 9999])('say the run that an init is of: %i', (run) => {
    expect(initRun(initName(run))).toBe(run);
    expect(isInit(initName(run))).toBe(true);
  });

  it('are what they have always been', () => {
    expect([0, 7, 12_345].map(segmentName)).toEqual(['00000.m4s', '00007.m4s', '12345.m4s']);
    expect([0, 2].map(initName)).toEqual(['init.mp4', 'init-2.mp4']);
  });

  it.each([
    '../00000.m4s',
    '00000.m4s/..',
    '00000.m4s\n',
    '00000.M4S',
    '000000000.m4s',
    '.m4s',
    '-1.m4s',
    '1e3.m4s',
    'init-.mp4',
    'init-12345.mp4',
    'init.mp4.tmp',
    'init.mp4\u0000',
    'clip.mp4',
    'event.json',
  ])('are no others: %j', (name) => {
    expect(isVideo(name)).toBe(false);
    expect([segmentNumber(name), initRun(name)]).toEqual([Number.NaN, Number.NaN]);
  });
});
