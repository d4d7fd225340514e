import { describe, expect, it } from 'vitest';
import type { Box } from '../../src/messages/video.ts';
import { Tracker } from '../../src/tracker/tracker.ts';
import { crowd, type CrowdFrame, walk, type Walker } from './crowd.ts';
import { bestAssignment, type MotFigures, motFigures } from './mot.ts';

const RULES = { minScore: 0.3, startScore: 0.4, labels: ['person'], hits: 3, window: 5 };
const SEEDS = [1, 2, 3, 4, 5];
const UNTIL_END = { fromMs: 0, toMs: 20_000 };

const at = (x: number): Box => ({ x, y: 0, w: 0.1, h: 0.4 });

function track(frames: readonly CrowdFrame[]): MotFigures {
  const tracker = new Tracker(RULES);
  return motFigures(
    frames.map(({ ptsMs, truth, detections }, slot) => {
      const { tracks } = tracker.step({ slot, ptsMs, atMs: 0, arrivedNowMs: 0, latencyMs: 0, isSpared: false, detections });
      return { truth, tracked: tracks.filter(({ isConfirmed, isSeen }) => isConfirmed && isSeen) };
    }),
  );
}

/** Sums over the seeds, and the mean IDF1. */
function figures(walkers: readonly Walker[]): Pick<MotFigures, 'idf1' | 'switches' | 'ids'> {
  const runs = SEEDS.map((seed) => track(crowd(walkers, { seed })));
  const sum = (of: (run: MotFigures) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return { idf1: sum(({ idf1 }) => idf1) / runs.length, switches: sum(({ switches }) => switches), ids: sum(({ ids }) => ids) };
}

describe('the evaluation', () => {
  it('finds the best assignment, also where greed does not', () => {
    expect(
      bestAssignment([
        [9, 8],
        [8, 1],
      ]),
    ).toBe(16);
    expect(bestAssignment([[1, 0, 7]])).toBe(7);
    expect(bestAssignment([[3], [5]])).toBe(5);
    expect(bestAssignment([])).toBe(0);
  });

  it('counts a number that changes as a switch, and takes half the share of the shorter part from IDF1', () => {
    const frames = Array.from({ length: 10 }, (_, i) => ({
      truth: [{ id: 1, box: at(0) }],
      tracked: [{ id: i < 6 ? 7 : 8, box: at(0.01) }],
    }));
    expect(motFigures(frames)).toEqual({ idf1: 0.6, switches: 1, found: 10, missed: 0, extra: 0, ids: 2 });
  });

  it('counts who was missed and what was nobody', () => {
    const frames = [{ truth: [{ id: 1, box: at(0) }], tracked: [{ id: 1, box: at(0.5) }] }];
    expect(motFigures(frames)).toMatchObject({ idf1: 0, missed: 1, extra: 1 });
  });
});

describe('numbers stay with people', () => {
  it('who cross', () => {
    const walkers = [
      { id: 1, ...UNTIL_END, at: walk([0.1, 0.3], [0.85, 0.32]) },
      { id: 2, ...UNTIL_END, at: walk([0.85, 0.36], [0.1, 0.34]) },
    ];
    expect(figures(walkers)).toMatchObject({ switches: 0, ids: 10 });
  });

  it('who walk behind somebody who stands', () => {
    const walkers = [
      { id: 1, ...UNTIL_END, at: walk([0.2, 0.3], [0.7, 0.3]) },
      { id: 2, ...UNTIL_END, at: () => ({ x: 0.4, y: 0.25, w: 0.12, h: 0.35 }) },
    ];
    const { idf1, ...rest } = figures(walkers);
    expect(rest).toEqual({ switches: 0, ids: 10 });
    expect(idf1).toBeGreaterThan(0.95);
  });

  it('who run through the picture, and the next one is somebody else', () => {
    const walkers = [
      { id: 1, fromMs: 0, toMs: 4000, at: walk([0, 0.4], [0.95, 0.4], { toMs: 4000 }) },
      { id: 2, fromMs: 6000, toMs: 9000, at: walk([0.95, 0.5], [0, 0.5], { fromMs: 6000, toMs: 9000 }) },
    ];
    const { idf1, ...rest } = figures(walkers);
    expect(rest).toEqual({ switches: 0, ids: 10 });
    expect(idf1).toBeGreaterThan(0.9);
  });

  it('who flicker or are faint for seconds', () => {
    const walkers = [
      { id: 1, ...UNTIL_END, at: walk([0.3, 0.3], [0.6, 0.3]), dropRate: 0.5, score: 0.5 },
      {
        id: 2,
        ...UNTIL_END,
        at: () => ({ x: 0.1, y: 0.3, w: 0.06, h: 0.2 }),
        score: 0.5,
        faint: [
          [4000, 7000],
          [10_000, 14_500],
        ] as const,
      },
    ];
    expect(figures(walkers)).toMatchObject({ switches: 0, ids: 10 });
  });

  it('mostly, in a crowd of eight who cross each other all the time', () => {
    const walkers = Array.from({ length: 8 }, (_, i) => {
      const [left, right] = [0.02, 0.9];
      const from = [i % 2 ? right : left, 0.2 + i * 0.03] as const;
      const to = [i % 2 ? left : right, 0.45 - i * 0.02] as const;
      return { id: i + 1, fromMs: i * 500, toMs: 20_000, at: walk(from, to, { fromMs: i * 500 }), dropRate: 0.1 };
    });
    const { idf1, switches } = figures(walkers);
    // One pass by overlap has 0.71.
    expect(idf1).toBeGreaterThan(0.8);
    expect(switches).toBeLessThan(40);
  });
});
