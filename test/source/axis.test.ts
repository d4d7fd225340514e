import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../src/messages/video.ts';
import { Axis } from '../../src/source/axis.ts';
import { FakeClock } from '../fake-clock.ts';

function formatOf(detectFps: number, framesPerSlot: number): VideoFormat {
  const size = { widthPx: 64, heightPx: 48 };
  return {
    source: { ...size, fps: 30, codec: 'h264' },
    detect: { ...size, fps: detectFps, picture: { ...size, leftPx: 0, topPx: 0 } },
    record: { ...size, fps: detectFps * framesPerSlot },
    framesPerSlot,
    feed: 'frames',
  };
}

const FORMAT = formatOf(5, 3);

/** An axis in its first connection. */
function axisOf(format: VideoFormat = FORMAT) {
  const clock = new FakeClock();
  const axis = new Axis(clock);
  axis.reset(format);
  return { clock, axis };
}

describe('a connection', () => {
  it('counts its frames from 0, whatever the clock says meanwhile', () => {
    const { clock, axis } = axisOf();
    const slots = [0, 1, 2, 3].map((i) => {
      clock.pass(i * 777);
      return axis.slot(i);
    });
    expect(slots.map(({ slot, ptsMs }) => [slot, ptsMs])).toEqual([
      [0, 0],
      [1, 200],
      [2, 400],
      [3, 600],
    ]);
  });

  it.each([
    [5, 3],
    [5, 1],
    [7, 2],
    [3, 9],
    [1, 30],
    [30, 1],
  ])('shows detection frame i and recording frame i·k at the same time (%i fps, k = %i)', (detectFps, framesPerSlot) => {
    const { axis } = axisOf(formatOf(detectFps, framesPerSlot));
    for (let i = 0; i < 100; i += 1) {
      const { slot, ptsMs } = axis.slot(i);
      expect(axis.frame(i * framesPerSlot)).toMatchObject({ index: slot * framesPerSlot, ptsMs });
      expect(Number.isInteger(slot)).toBe(true);
      expect(ptsMs).toBe((slot * 1000) / detectFps);
    }
  });

  it('puts packets on the time of its frames, also after a loss', () => {
    const { clock, axis } = axisOf();
    expect(axis.slot(3).ptsMs).toBe(600);
    expect(axis.packet(615, { isVideo: true }).ptsMs).toBe(615);
    expect(axis.packet(-40, { isVideo: true }).ptsMs).toBe(-40);
    clock.pass(5100);
    axis.reset(FORMAT);
    const { ptsMs } = axis.packet(15, { isVideo: true });
    expect(ptsMs - 15).toBe(axis.slot(0).ptsMs);
    expect(ptsMs).toBeGreaterThan(5100);
  });

  it('does not take the time of sound for that of capture', () => {
    const { clock, axis } = axisOf();
    const { atMs } = axis.packet(0, { isVideo: true });
    axis.packet(900, { isVideo: false });
    clock.pass(200);
    expect(axis.slot(1).atMs).toBe(atMs + 200);
  });

  it('must be announced before its first frame', () => {
    expect(() => new Axis(new FakeClock()).slot(0)).toThrow('Expected reset(format)');
  });
});

describe('wall time', () => {
  it('is that of the arrival for a camera that sends evenly', () => {
    const { clock, axis } = axisOf();
    for (let i = 0; i < 20; i += 1) {
      expect(axis.slot(i).atMs).toBe(clock.atMs());
      clock.pass(200);
    }
  });

  it('follows the frame that came quickest: delays on the way are not taken for time', () => {
    const { clock, axis } = axisOf();
    const bornAtMs = clock.atMs();
    clock.pass(130);
    expect(axis.slot(0).atMs).toBe(bornAtMs + 130);
    clock.pass(110); // 40 ms on the way
    expect(axis.slot(1).atMs).toBe(bornAtMs + 200 + 40);
    clock.pass(460); // 300 ms on the way
    expect(axis.slot(2).atMs).toBe(bornAtMs + 400 + 40);
  });

  it('follows a clock on the wall that somebody sets, and not its small drift', () => {
    const { clock, axis } = axisOf();
    const bornAtMs = clock.atMs();
    expect(axis.slot(0).atMs).toBe(bornAtMs);
    clock.pass(200);
    clock.setWall(400);
    expect(axis.slot(1).atMs).toBe(bornAtMs + 200);
    clock.pass(200);
    const dayMs = 86_400_000;
    clock.setWall(30 * dayMs);
    expect(axis.slot(2).atMs).toBe(bornAtMs + 400 + 400 + 30 * dayMs);
    clock.pass(200);
    clock.setWall(-60 * dayMs);
    expect(axis.slot(3).atMs).toBe(bornAtMs + 600 + 400 - 30 * dayMs);
  });

  it('is whole milliseconds', () => {
    const { clock, axis } = axisOf(formatOf(3, 7));
    for (let i = 0; i < 50; i += 1) {
      clock.pass(1000 / 3);
      expect(Number.isInteger(axis.slot(i).atMs)).toBe(true);
      expect(Number.isInteger(axis.frame(i * 7 + 1).atMs)).toBe(true);
    }
  });

  it('never runs backwards along a pipe, though frames jitter', () => {
    const { clock, axis } = axisOf();
    let lastAtMs = 0;
    for (let i = 0; i < 500; i += 1) {
      clock.pass((i * 7919) % 401);
      const { atMs } = axis.slot(i);
      expect(atMs).toBeGreaterThanOrEqual(lastAtMs);
      expect(atMs).toBeLessThanOrEqual(clock.atMs());
      lastAtMs = atMs;
    }
  });

  it('catches up with a camera whose own clock is slow', () => {
    const { clock, axis } = axisOf();
    let lateMs = 0;
    for (let i = 0; i < 5 * 3600; i += 1) {
      lateMs = clock.atMs() - axis.slot(i).atMs;
      clock.pass(200 * 1.0005);
    }
    expect(lateMs).toBeLessThan(10);
  });
});

describe('the next connection', () => {
  it('goes on where the clock is, on a whole slot: the loss is a gap in the numbers', () => {
    const { clock, axis } = axisOf();
    axis.slot(0);
    clock.pass(200);
    axis.slot(1);
    clock.pass(3130);
    axis.reset(FORMAT);
    expect(axis.slot(0)).toMatchObject({ slot: 17, ptsMs: 3400 });
    expect(axis.frame(0)).toMatchObject({ index: 51, ptsMs: 3400 });
    expect(axis.slot(1)).toMatchObject({ slot: 18, ptsMs: 3600 });
  });

  it('begins when its first frame comes, not when it is tried', () => {
    const { clock, axis } = axisOf();
    axis.slot(0);
    axis.reset(FORMAT);
    clock.pass(1000);
    expect(axis.slot(0).slot).toBe(5);
  });

  it('begins at the same place for both pipes, whichever is first', () => {
    const { clock, axis } = axisOf();
    axis.slot(0);
    clock.pass(1090);
    axis.reset(FORMAT);
    const { index } = axis.frame(0);
    clock.pass(350);
    expect(axis.slot(0).slot * 3).toBe(index);
  });

  it('never goes back over times that were given out, though media time ran ahead of the clock', () => {
    const { clock, axis } = axisOf();
    for (let i = 0; i <= 10; i += 1) axis.slot(i);
    for (let i = 0; i <= 32; i += 1) axis.frame(i);
    clock.pass(50);
    axis.reset(FORMAT);
    expect(axis.slot(0)).toMatchObject({ slot: 11, ptsMs: 2200 });
    expect(axis.frame(0)).toMatchObject({ index: 33, ptsMs: 2200 });
  });

  it('has a wall time of its own, free of the delays of the one before', () => {
    const { clock, axis } = axisOf();
    clock.pass(5000);
    axis.slot(0);
    clock.pass(10_000);
    axis.reset(FORMAT);
    expect(axis.slot(0).atMs).toBe(clock.atMs());
  });

  it('may have other rates and goes on in time, not in numbers', () => {
    const { clock, axis } = axisOf();
    axis.slot(0);
    clock.pass(2150);
    axis.reset(formatOf(2, 5));
    expect(axis.slot(0)).toMatchObject({ slot: 5, ptsMs: 2500 });
    expect(axis.frame(0)).toMatchObject({ index: 25, ptsMs: 2500 });
  });

  it('gives whole numbers after any loss', () => {
    const { clock, axis } = axisOf(formatOf(7, 2));
    for (let i = 0; i < 200; i += 1) {
      const { slot } = axis.slot(0);
      const { index } = axis.frame(0);
      expect(Number.isInteger(slot)).toBe(true);
      expect(index).toBe(slot * 2);
      clock.pass(i * 13.7);
      axis.reset(formatOf(7, 2));
    }
  });
});
