import { describe, expect, it } from 'vitest';
import { FrameQueue } from '../../src/output/frame-queue.ts';
import { RecordFrames, track } from './frames.ts';

function queue(framesPerSlot = 2, maxFrames = 6) {
  const frames = new RecordFrames({ widthPx: 4, heightPx: 4 });
  const waiting = new FrameQueue({ framesPerSlot, maxFrames });
  const push = (...indices: readonly number[]): void => {
    for (const index of indices) waiting.push(frames.frame(index));
  };
  /** Everything that can be taken now: index and how many boxes. */
  const takeAll = (): [number, number][] => {
    const taken: [number, number][] = [];
    for (let next = waiting.take(); next; next = waiting.take()) {
      taken.push([next.frame.index, next.tracks.length]);
      next.frame.release();
    }
    return taken;
  };
  return { frames, waiting, push, takeAll };
}

describe('frames', () => {
  it('wait for the detection of their slot and take its boxes', () => {
    const { waiting, push, takeAll, frames } = queue();
    push(0, 1, 2, 3);
    expect(takeAll()).toEqual([]);
    waiting.decide({ slot: 0, tracks: [track(1)], isWanted: true });
    expect(takeAll()).toEqual([
      [0, 1],
      [1, 1],
    ]);
    waiting.decide({ slot: 1, tracks: [track(1), track(2)], isWanted: true });
    expect(takeAll()).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect(frames.leased).toBe(0);
  });

  it('of a slot without a detection of its own take those of the next one', () => {
    const { waiting, push, takeAll } = queue();
    push(0, 1, 2, 3, 4);
    waiting.decide({ slot: 1, tracks: [track(1)], isWanted: true });
    expect(takeAll().map(([index]) => index)).toEqual([0, 1, 2, 3]);
    expect(waiting.length).toBe(1);
  });

  it('keep the boxes and the verdict of their own slot however late they are taken', () => {
    const { waiting, push, takeAll } = queue();
    push(0, 1, 2, 3, 4, 5);
    waiting.decide({ slot: 0, tracks: [], isWanted: false });
    waiting.decide({ slot: 1, tracks: [track(1), track(2)], isWanted: true });
    waiting.decide({ slot: 2, tracks: [], isWanted: false });
    expect(takeAll()).toEqual([
      [2, 2],
      [3, 2],
    ]);
  });

  it('that come after the detection of their slot go at once', () => {
    const { waiting, push, takeAll } = queue();
    waiting.decide({ slot: 0, tracks: [], isWanted: true });
    push(0, 1, 2);
    expect(takeAll().map(([index]) => index)).toEqual([0, 1]);
  });

  it('that nobody wants are given back', () => {
    const { waiting, push, takeAll, frames } = queue();
    push(0, 1, 2);
    waiting.decide({ slot: 0, tracks: [], isWanted: false });
    expect(takeAll()).toEqual([]);
    expect(frames.leased).toBe(1);
    expect(waiting.dropped).toBe(0);
  });

  it('are lost oldest first when there is no room, counted and given back', () => {
    const { waiting, push, takeAll, frames } = queue(2, 3);
    push(0, 1, 2);
    expect(waiting.isFull).toBe(true);
    push(3, 4);
    expect([waiting.length, waiting.dropped, frames.leased]).toEqual([3, 2, 3]);
    waiting.decide({ slot: Number.POSITIVE_INFINITY, tracks: [], isWanted: true });
    expect(takeAll().map(([index]) => index)).toEqual([2, 3, 4]);
    expect(waiting.isFull).toBe(false);
  });

  it('are all given back by clear', () => {
    const { waiting, push, frames } = queue();
    push(0, 1, 2);
    waiting.clear();
    expect([waiting.length, frames.leased, waiting.dropped]).toEqual([0, 0, 0]);
  });
});
