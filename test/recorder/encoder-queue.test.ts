import { describe, expect, it } from 'vitest';
import { EncoderQueue } from '../../src/recorder/encoder-queue.ts';
import { Reel } from '../../src/ring/reel.ts';
import { fakeFrame } from './film.ts';

interface Fed {
  readonly queue: EncoderQueue;
  readonly frames: ReturnType<typeof fakeFrame>[];
  readonly feed: (from: number, end: number) => void;
  readonly drain: () => number[];
}

function queueFrom(startIndex: number, maxFrames = 40): Fed {
  const queue = new EncoderQueue({ fps: 10, startIndex, frameBytes: 100, maxBytes: maxFrames * 100 });
  const ring = new Reel();
  const frames: ReturnType<typeof fakeFrame>[] = [];
  return {
    queue,
    frames,
    feed: (from, end) => {
      for (let index = from; index < end; index++) {
        const frame = fakeFrame(index);
        frames.push(frame);
        ring.push(frame);
        frame.release();
        queue.take(ring);
        ring.dropBefore(index - 5);
      }
    },
    drain: () => {
      const indices: number[] = [];
      for (let frame = queue.next(); frame; frame = queue.next()) indices.push(frame.index);
      return indices;
    },
  };
}

describe('EncoderQueue', () => {
  it('holds a frame back until the detector decided on its time, but no longer than a second', () => {
    const { queue, feed, drain } = queueFrom(0);
    feed(0, 5);
    expect(drain()).toEqual([]);
    queue.decidedTo(4);
    expect(drain()).toEqual([0, 1, 2, 3]);
    feed(5, 20);
    expect(drain()).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('ends exactly before the close index', () => {
    const { queue, feed, drain } = queueFrom(2);
    feed(0, 10);
    queue.closeAt(8);
    expect(queue.isClosed).toBe(true);
    expect(drain()).toEqual([2, 3, 4, 5, 6, 7]);
    expect(queue.isWritten).toBe(true);
    feed(10, 12);
    expect(drain()).toEqual([]);
    expect(queue.isListed).toBe(false);
    queue.listed(6);
    expect(queue.isListed).toBe(true);
  });

  it('can end without a frame, also where it was to begin before the camera did', () => {
    const { queue } = queueFrom(-2);
    queue.closeAt(queue.endIndex);
    expect([queue.isClosed, queue.isListed]).toEqual([true, true]);
  });

  it('waits for frames that the end still needs', () => {
    const { queue, feed, drain } = queueFrom(0);
    feed(0, 4);
    queue.closeAt(6);
    expect(queue.isClosed).toBe(false);
    feed(4, 9);
    expect(drain()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(queue.isWritten).toBe(true);
  });

  it('does not end before what was written already', () => {
    const { queue, feed, drain } = queueFrom(0);
    feed(0, 10);
    queue.decidedTo(10);
    drain();
    queue.closeAt(7);
    expect(queue.closeIndex).toBe(10);
  });

  it('keeps frames until they are listed and starts over from there', () => {
    const { queue, feed, drain, frames } = queueFrom(0);
    feed(0, 20);
    queue.decidedTo(15);
    expect(drain()).toHaveLength(15);
    queue.listed(10);
    expect(frames.slice(0, 12).map(({ holders }) => holders)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    queue.rewind();
    expect(drain()).toEqual([10, 11, 12, 13, 14]);
  });

  it('writes no further ahead of the listed segments than four seconds', () => {
    const { queue, feed, drain } = queueFrom(0, 200);
    feed(0, 100);
    queue.decidedTo(100);
    expect(drain()).toHaveLength(40);
    queue.listed(10);
    expect(drain()).toHaveLength(10);
  });

  it('thins what waits when it is full, counts it, and writes as many frames as there was time', () => {
    const { queue, feed, drain } = queueFrom(0, 40);
    feed(0, 41);
    expect(queue.droppedFrames).toBe(20);
    queue.closeAt(41);
    const first = drain();
    queue.listed(40);
    expect([...first, ...drain()]).toEqual(Array.from({ length: 41 }, (_, i) => i - (i % 2)));
  });

  it('is ready again once less than half of its bound waits', async () => {
    const { queue, feed, drain } = queueFrom(0, 40);
    feed(0, 30);
    const ready = queue.whenReady().then(() => 'ready');
    expect(await Promise.race([ready, Promise.resolve('waits')])).toBe('waits');
    drain();
    expect(await ready).toBe('ready');
  });

  it('lets everything go and counts what was lost', () => {
    const { queue, feed, drain, frames } = queueFrom(0);
    feed(0, 30);
    drain();
    queue.listed(10);
    queue.clear();
    expect(queue.droppedFrames).toBe(20);
    expect(queue.isListed).toBe(true);
    feed(30, 40);
    expect(frames.filter(({ holders }) => holders > 0)).toHaveLength(6);
  });
});
