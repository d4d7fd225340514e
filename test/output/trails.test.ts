import { describe, expect, it } from 'vitest';
import { TrailKeeper } from '../../src/output/trails.ts';
import { track } from './frames.ts';

/** Somebody who walks to the right, a hundredth of the picture every 200 ms. */
const walker = (slot: number, isSeen = true) =>
  track(1, { x: slot / 100, y: 0.2, w: 0.2, h: 0.5 }, { isSeen, lastSeenPtsMs: isSeen ? slot * 200 : (slot - 1) * 200 });
const step = (keeper: TrailKeeper, slot: number, tracks = [walker(slot)]) => keeper.step({ ptsMs: slot * 200, tracks });

describe('the trail of a person', () => {
  it('is the bottom centre of the boxes, oldest first, fading with age', () => {
    const keeper = new TrailKeeper();
    step(keeper, 0);
    expect(step(keeper, 1).get(1)).toEqual([
      { x: 0.1, y: 0.7, ptsMs: 0, freshness: 0.95 },
      { x: 0.11, y: 0.7, ptsMs: 200, freshness: 1 },
    ]);
  });

  it('is bounded in time, however long somebody stays', () => {
    const keeper = new TrailKeeper();
    for (let slot = 0; slot < 500; slot += 1) step(keeper, slot);
    expect(step(keeper, 500).get(1)?.length).toBe(20);
  });

  it('takes no point from a picture that shows what the one before showed, or in which the person is hidden', () => {
    const keeper = new TrailKeeper();
    step(keeper, 0);
    step(keeper, 1, [walker(0)]);
    expect(step(keeper, 2, [walker(1, false)]).get(1)?.length).toBe(1);
  });

  it('goes with its person', () => {
    const keeper = new TrailKeeper();
    step(keeper, 0);
    step(keeper, 1, []);
    expect(step(keeper, 2).get(1)?.length).toBe(1);
  });
});
