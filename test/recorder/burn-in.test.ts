import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import { BurnIn, localTimeText, tracksAt } from '../../src/recorder/burn-in.ts';

const SIZE = { widthPx: 640, heightPx: 360 };
const AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);

function line(ptsMs: number, x: number, id = 1): TrackLine {
  return { ptsMs, tracks: [{ id, label: 'person', score: 0.8, box: { x, y: 0.25, w: 0.25, h: 0.5 } }], rejected: [] };
}

const xAt = (lines: readonly TrackLine[], clipMs: number): (number | undefined)[] =>
  tracksAt(lines, clipMs).map(({ box }) => box.x);

const lumaAt = (picture: Uint8Array, x: number, y: number): number => picture[y * 640 + x]!;

describe('tracksAt', () => {
  const lines = [line(0, 0.1), line(200, 0.3), { ptsMs: 400, tracks: [], rejected: [] }];

  it('moves a box evenly from one sighting to the next', () => {
    expect(xAt(lines, 0)).toEqual([0.1]);
    expect(xAt(lines, 100)[0]).toBeCloseTo(0.2);
    expect(xAt(lines, 200)).toEqual([0.3]);
  });

  it('keeps a box where it was seen last, until a picture without it', () => {
    expect(xAt(lines, 300)).toEqual([0.3]);
    expect(xAt(lines, 400)).toEqual([]);
  });

  it('takes the newest known where the detection is late, but not for long', () => {
    expect(xAt([line(0, 0.1)], 900)).toEqual([0.1]);
    expect(xAt([line(0, 0.1)], 1100)).toEqual([]);
    expect(xAt([line(0, 0.1), line(3000, 0.9)], 500)).toEqual([0.1]);
  });

  it('knows nobody before the first line, and takes a rounded time for its own', () => {
    expect(xAt([line(67, 0.1)], 66)).toEqual([]);
    expect(xAt([line(67, 0.1)], 66.667)).toEqual([0.1]);
  });
});

describe('localTimeText', () => {
  it('is the clock of this machine with its offset, unambiguous when the clock goes back', () => {
    const before = process.env['TZ'];
    try {
      process.env['TZ'] = 'Europe/Berlin';
      expect(localTimeText(Date.UTC(2026, 6, 1, 12, 0, 5))).toBe('2026-07-01 14:00:05 +02:00');
      // Both are half past two.
      expect(localTimeText(Date.UTC(2026, 9, 25, 0, 30))).toBe('2026-10-25 02:30:00 +02:00');
      expect(localTimeText(Date.UTC(2026, 9, 25, 1, 30))).toBe('2026-10-25 02:30:00 +01:00');
      process.env['TZ'] = 'America/St_Johns';
      expect(localTimeText(Date.UTC(2026, 0, 1, 0, 0))).toBe('2025-12-31 20:30:00 -03:30');
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

describe('BurnIn', () => {
  const data = new Uint8Array((640 * 360 * 3) / 2).fill(100);
  const frame = { data, atMs: AT_MS, clipMs: 0, lines: [line(0, 0.5)] };

  it('is nothing where nothing is asked for', () => {
    expect(BurnIn.of({ camera: 'front', size: SIZE, burnIn: { time: false, boxes: false } })).toBeUndefined();
  });

  it('draws the time into the corner and leaves the frame itself alone', () => {
    const burnIn = BurnIn.of({ camera: 'front', size: SIZE, burnIn: { time: true, boxes: false } })!;
    const drawn = burnIn.draw(frame);
    const bar = Array.from({ length: 200 }, (_, x) => lumaAt(drawn, x, 8));
    expect(Math.max(...bar)).toBeGreaterThan(180);
    expect(Math.min(...bar)).toBeLessThan(40);
    expect(lumaAt(drawn, 320, 90)).toBe(100);
    expect(data.every((value) => value === 100)).toBe(true);
    const later = Buffer.from(burnIn.draw(frame));
    expect(Buffer.from(burnIn.draw({ ...frame, atMs: AT_MS + 1000 })).equals(later)).toBe(false);
  });

  it('draws the boxes of that moment', () => {
    const burnIn = BurnIn.of({ camera: 'front', size: SIZE, burnIn: { time: false, boxes: true } })!;
    const drawn = burnIn.draw(frame);
    expect(lumaAt(drawn, 320, 180)).toBeGreaterThan(150);
    expect(lumaAt(drawn, 400, 180)).toBe(100);
    expect(lumaAt(drawn, 10, 8)).toBe(100);
  });
});
