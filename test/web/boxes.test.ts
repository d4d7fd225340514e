import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import { boxesAt, containedIn, hueOf, lineAt } from '../../web/src/core/boxes.ts';

function line(ptsMs: number, xs: Record<number, number>): TrackLine {
  const tracks = Object.entries(xs).map(([id, x]) => ({
    id: Number(id),
    label: 'person',
    score: 0.8,
    box: { x, y: 0, w: 0.1, h: 0.2 },
  }));
  return { ptsMs, tracks, rejected: [] };
}

describe('boxesAt', () => {
  const lines = [line(0, { 1: 0.1 }), line(200, { 1: 0.3, 2: 0.5 }), line(400, { 2: 0.6 })];

  it('moves a box on a straight line between two detections', () => {
    const [box] = boxesAt(lines, 100);
    expect(box?.box.x).toBeCloseTo(0.2);
    expect(box?.alpha).toBe(1);
  });

  it('stands on the detection itself at its own time', () => {
    expect(boxesAt(lines, 200).map(({ id, box }) => [id, box.x])).toEqual([
      [1, 0.3],
      [2, 0.5],
    ]);
  });

  it('shows a track from its first detection on, not before', () => {
    expect(boxesAt(lines, 199).map(({ id }) => id)).toEqual([1]);
  });

  it('fades a track that the next line no longer holds, where it was last seen', () => {
    const leaving = boxesAt(lines, 300).find(({ id }) => id === 1);
    expect(leaving?.alpha).toBeCloseTo(0.5);
    expect(leaving?.box.x).toBe(0.3);
  });

  it('shows nothing before the first line and nothing long after the last', () => {
    expect(boxesAt(lines, -1)).toEqual([]);
    expect(boxesAt(lines, 450)).toHaveLength(1);
    expect(boxesAt(lines, 2000)).toEqual([]);
    expect(boxesAt([], 0)).toEqual([]);
  });

  it('does not draw boxes across a gap in the detections', () => {
    const gap = [line(0, { 1: 0.1 }), line(5000, { 1: 0.9 })];
    expect(boxesAt(gap, 2500)).toEqual([]);
    expect(boxesAt(gap, 200).map(({ box }) => box.x)).toEqual([0.1]);
  });
});

describe('lineAt', () => {
  it('finds the last line at or before a moment', () => {
    const lines = [0, 200, 400, 600].map((ptsMs) => line(ptsMs, {}));
    expect([-1, 0, 199, 200, 599, 600, 9999].map((ms) => lineAt(lines, ms))).toEqual([-1, 0, 0, 1, 2, 3, 3]);
  });
});

describe('containedIn', () => {
  it('puts a 4:3 picture in the middle of a 16:9 frame, with bars at the sides', () => {
    expect(containedIn({ width: 768, height: 576 }, { width: 1600, height: 900 })).toEqual({
      left: 200,
      top: 0,
      width: 1200,
      height: 900,
    });
  });

  it('puts a wide picture in a tall frame, with bars above and below', () => {
    expect(containedIn({ width: 1280, height: 720 }, { width: 360, height: 640 })).toEqual({
      left: 0,
      top: 218.75,
      width: 360,
      height: 202.5,
    });
  });

  it('fills the frame while the size of the picture is unknown', () => {
    expect(containedIn({ width: 0, height: 0 }, { width: 10, height: 20 })).toEqual({ left: 0, top: 0, width: 10, height: 20 });
  });
});

describe('hueOf', () => {
  it('gives neighbouring tracks colours that are far apart', () => {
    for (let id = 1; id < 50; id += 1) {
      const apart = Math.abs(hueOf(id) - hueOf(id + 1));
      expect(Math.min(apart, 360 - apart)).toBeGreaterThan(90);
    }
  });
});
