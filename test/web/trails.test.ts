import { describe, expect, it } from 'vitest';
import type { TrackLine } from '../../src/messages/clip.ts';
import { boxesAt } from '../../web/src/core/boxes.ts';
import { type Trail, trailsAt } from '../../web/src/core/trails.ts';

/** Walks to the right, a tenth of the picture in ten lines. */
const line = (ptsMs: number, id: number | undefined): TrackLine => ({
  ptsMs,
  tracks: id === undefined ? [] : [{ id, label: 'person', score: 0.8, box: { x: ptsMs / 20_000, y: 0.2, w: 0.2, h: 0.5 } }],
  rejected: [],
});
const walk = (fromMs: number, toMs: number, id = 1): TrackLine[] =>
  Array.from({ length: (toMs - fromMs) / 200 + 1 }, (_, i) => line(fromMs + i * 200, id));
const trailsOf = (lines: readonly TrackLine[], clipMs: number): readonly Trail[] =>
  trailsAt(lines, clipMs, boxesAt(lines, clipMs));

describe('the trail of a person', () => {
  it('leads along the bottom centre of the boxes to the one that is shown', () => {
    const [trail] = trailsOf(walk(0, 1000), 900);
    expect(trail?.points.map(({ x, y }) => [Number(x.toFixed(3)), y])).toEqual([
      [0.1, 0.7],
      [0.11, 0.7],
      [0.12, 0.7],
      [0.13, 0.7],
      [0.14, 0.7],
      [0.145, 0.7],
    ]);
  });

  it('fades with age and ends after four seconds', () => {
    const points = trailsOf(walk(0, 10_000), 10_000)[0]?.points ?? [];
    expect(points.at(-1)?.freshness).toBe(1);
    expect(points.every(({ freshness }, i) => freshness >= (points[i - 1]?.freshness ?? 0))).toBe(true);
    expect(points[0]).toMatchObject({ x: 0.1 + 6200 / 20_000 });
  });

  it('begins where the track was found again, and with its own number', () => {
    const lines = [...walk(0, 1000), line(1200, undefined), ...walk(3000, 4000), ...walk(4200, 5000, 2)];
    expect(trailsOf(lines, 4000)[0]?.points[0]?.x).toBeCloseTo(0.1 + 3000 / 20_000);
    expect(trailsOf(lines, 5000)).toMatchObject([{ id: 2 }]);
    expect(trailsOf(lines, 5000)[0]?.points[0]?.x).toBeCloseTo(0.1 + 4200 / 20_000);
  });

  it('is none where nobody is shown', () => {
    expect(trailsOf(walk(0, 1000), 5000)).toEqual([]);
    expect(trailsOf([], 5000)).toEqual([]);
  });
});
