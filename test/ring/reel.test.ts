import { describe, expect, it } from 'vitest';
import { Reel } from '../../src/ring/reel.ts';
import { fakeFrame } from '../recorder/film.ts';

function reelOf(...indices: number[]): { reel: Reel; frames: ReturnType<typeof fakeFrame>[] } {
  const frames = indices.map((index) => fakeFrame(index));
  const reel = new Reel();
  for (const frame of frames) reel.push(frame);
  return { reel, frames };
}

function indicesOf(reel: Reel): (number | undefined)[] {
  return Array.from({ length: reel.endIndex - reel.firstIndex }, (_, i) => reel.at(reel.firstIndex + i)?.index);
}

describe('Reel', () => {
  it('repeats the last frame over a gap, and a repeated frame costs no memory', () => {
    const { reel } = reelOf(3, 4, 8);
    expect(indicesOf(reel)).toEqual([3, 4, 4, 4, 4, 8]);
    expect(reel.bytes()).toBe(300);
  });

  it('ignores a frame from before its end', () => {
    const { reel, frames } = reelOf(3, 4, 4, 2);
    expect(indicesOf(reel)).toEqual([3, 4]);
    expect(frames.map(({ holders }) => holders)).toEqual([2, 2, 1, 1]);
  });

  it('knows the time of a repeated frame', () => {
    const { reel, frames } = reelOf(3, 7);
    expect(reel.ptsMs(5, 10)).toBe(500);
    expect(reel.atMs(5, 10)).toBe(frames[0]!.atMs + 200);
    expect(reel.ptsMs(8, 10)).toBeUndefined();
  });

  it('finds the interval of a time, also before what it holds', () => {
    const { reel } = reelOf(30, 31);
    expect([3100, 3099, 3000, 1250].map((ptsMs) => reel.indexOf(ptsMs, 10))).toEqual([31, 30, 30, 12]);
  });

  it('lets go of frames at either end, and of a repeated frame only with its last interval', () => {
    const { reel, frames } = reelOf(0, 1, 5, 6);
    reel.dropBefore(3);
    expect(indicesOf(reel)).toEqual([1, 1, 5, 6]);
    expect(frames.map(({ holders }) => holders)).toEqual([1, 2, 2, 2]);
    expect(reel.atMs(3, 10)).toBe(frames[0]!.atMs + 300);
    reel.truncate(4);
    expect(indicesOf(reel)).toEqual([1]);
    reel.clear();
    expect(frames.map(({ holders }) => holders)).toEqual([1, 1, 1, 1]);
  });

  it('appends a part of another reel as holders of the same frames', () => {
    const { reel: ring, frames } = reelOf(0, 1, 5, 6);
    const reel = new Reel();
    reel.append(ring, { fromIndex: 2, endIndex: 4 });
    reel.append(ring, { fromIndex: 4, endIndex: 6 });
    expect(indicesOf(reel)).toEqual([1, 1, 1, 5]);
    expect(reel.bytes()).toBe(200);
    expect(frames.map(({ holders }) => holders)).toEqual([2, 3, 3, 2]);
    reel.clear();
    ring.clear();
    expect(frames.map(({ holders }) => holders)).toEqual([1, 1, 1, 1]);
  });

  it('thins every second picture from an index on, in place of time', () => {
    const { reel, frames } = reelOf(0, 1, 2, 3, 4, 5, 6);
    expect(reel.thin(2)).toBe(2);
    expect(indicesOf(reel)).toEqual([0, 1, 2, 2, 4, 4, 6]);
    expect(frames.map(({ holders }) => holders)).toEqual([2, 2, 2, 1, 2, 1, 2]);
  });

  it('thins new pictures before it thins old ones again', () => {
    const { reel } = reelOf(0, 1, 2, 3);
    reel.thin(0);
    for (const index of [4, 5, 6, 7]) reel.push(fakeFrame(index));
    expect(reel.thin(0)).toBe(2);
    expect(indicesOf(reel)).toEqual([0, 0, 2, 2, 4, 4, 6, 6]);
    expect(reel.thin(0)).toBe(2);
    expect(indicesOf(reel)).toEqual([0, 0, 0, 0, 4, 4, 4, 4]);
    reel.thin(0);
    expect(reel.thin(0)).toBe(0);
    expect(reel.bytes()).toBe(100);
  });
});
