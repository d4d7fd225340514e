import { describe, expect, it } from 'vitest';
import { FrameRing } from '../../src/ring/frame-ring.ts';
import { fakeFrame } from '../recorder/film.ts';

describe('FrameRing', () => {
  it('holds the last pictures, bounded in frames and bytes, and lets go of the others', () => {
    const ring = new FrameRing({ fps: 10, maxFrames: 5, maxBytes: 300, maxGapMs: 1000 });
    const frames = Array.from({ length: 10 }, (_, i) => fakeFrame(i));
    for (const frame of frames) {
      ring.add(frame);
      frame.release();
    }
    expect([ring.reel.firstIndex, ring.reel.endIndex]).toEqual([7, 10]);
    expect(frames.map(({ holders }) => holders)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    ring.clear();
    expect(frames.filter(({ holders }) => holders > 0)).toEqual([]);
  });

  it('tells of a picture before it keeps its bounds', () => {
    const ring = new FrameRing({ fps: 10, maxFrames: 5, maxBytes: 100, maxGapMs: 1000 });
    const seen: number[] = [];
    ring.follow({ onAdded: () => seen.push(ring.reel.firstIndex), onBreak: () => undefined });
    for (let i = 0; i < 4; i++) ring.add(fakeFrame(i));
    expect(seen).toEqual([0, 0, 1, 2]);
  });

  it('fills a short gap with the last picture and breaks at a long one', () => {
    const ring = new FrameRing({ fps: 10, maxFrames: 50, maxBytes: 10_000, maxGapMs: 1000 });
    const broken: number[] = [];
    ring.follow({ onAdded: () => undefined, onBreak: () => broken.push(ring.reel.endIndex) });
    for (const index of [0, 10, 21]) ring.add(fakeFrame(index));
    expect(broken).toEqual([11]);
    expect(ring.reel.firstIndex).toBe(21);
  });
});
