import { describe, expect, it } from 'vitest';
import { keepingSentence, sizeText } from '../../src/commands/storage-text.ts';

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1_449_999_999, '1.4 GB'],
    [123_456_789, '123 MB'],
    [5e15, '5000 TB'],
  ])('of %d bytes is %s, as disks are sold', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe('how long events stay', () => {
  it('names every limit that is set, and what happens then', () => {
    const usual = { keepDays: 7, maxBytes: 1e10, minFreePercent: 5, whenFull: 'delete-oldest' } as const;
    expect(keepingSentence(usual)).toBe('events stay for 7 days, up to 10 GB, while 5 % of the disk is free; then the oldest go');
    expect(keepingSentence({ keepDays: 1, maxBytes: 0, minFreePercent: 0, whenFull: 'stop' })).toBe(
      'events stay for 1 day; then nothing more is recorded',
    );
    expect(keepingSentence({ ...usual, keepDays: 0, maxBytes: 0 })).toBe(
      'events stay however old, while 5 % of the disk is free; then the oldest go',
    );
  });
});
