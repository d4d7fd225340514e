import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/messages/video.ts';
import { PacketRing } from '../../src/ring/packet-ring.ts';
import { picture, pictures } from '../recorder/packets.ts';

const VIDEO = { isVideo: true, bytes: Buffer.from('v') };
const AUDIO = { isVideo: false, bytes: Buffer.from('a') };

function ringOf({ neededMs = 3000, maxBytes = 1e6, maxGapMs = Infinity } = {}): PacketRing {
  const ring = new PacketRing({ neededMs, maxBytes, maxGapMs });
  ring.setInit(VIDEO);
  return ring;
}

const fill = (ring: PacketRing, packets: readonly Packet[]): void => {
  for (const packet of packets) ring.add(packet);
};
const starts = (ring: PacketRing): number[] => ring.gops.map(({ startPtsMs }) => startPtsMs);
const sound = (dtsMs: number): Packet => picture(dtsMs, { isVideo: false, isKey: true });

describe('PacketRing', () => {
  it('holds whole groups of pictures that cover what is needed', () => {
    const ring = ringOf();
    fill(ring, pictures(100));
    expect(starts(ring)).toEqual([6000, 7000, 8000, 9000]);
    expect(ring.longestGopMs).toBe(1000);
  });

  it('begins with a key frame, and puts sound to the pictures it came with', () => {
    const ring = ringOf();
    fill(ring, [picture(0), sound(0)]);
    expect(ring.gops).toEqual([]);
    fill(ring, [picture(100, { isKey: true }), sound(90)]);
    expect(ring.gops[0]!.packets.map(({ isVideo }) => isVideo)).toEqual([true, false]);
  });

  it('is bounded in bytes, also where a single group is too large', () => {
    const ring = ringOf({ maxBytes: 1500 });
    fill(ring, pictures(100));
    expect(ring.bytes).toBeLessThanOrEqual(1500);
    const long = ringOf({ maxBytes: 1500 });
    fill(long, pictures(100, { gop: 50 }));
    expect(long.bytes).toBeLessThanOrEqual(1500);
    fill(long, [picture(10_000)]);
    expect(starts(long)).toEqual([]);
    fill(long, [picture(10_100, { isKey: true })]);
    expect(starts(long)).toEqual([10_100]);
    expect(long.isShort).toBe(true);
  });

  it('keeps a new connection apart, whose time never runs back', () => {
    const ring = ringOf();
    fill(ring, pictures(10));
    ring.setInit({ ...VIDEO });
    fill(ring, [picture(1000), picture(850, { isKey: true })]);
    const [before, after] = ring.gops;
    expect(before!.packets).toHaveLength(10);
    expect(after!.packets[0]!.dtsMs).toBeGreaterThan(1000);
    expect([before!.inits.connection, after!.inits.connection]).toEqual([1, 2]);
    expect(ring.longestGopMs).toBe(0);
  });

  it('makes new inits of the same connection when sound announces itself, and changes none that it gave', () => {
    const ring = ringOf();
    fill(ring, pictures(12));
    const before = ring.cursor(0).next()!.inits;
    ring.setInit(AUDIO);
    fill(ring, [sound(1200), picture(1250)]);
    expect(before).toEqual({ connection: 1, video: VIDEO, audio: undefined });
    expect(ring.newestOf(before)).toEqual({ connection: 1, video: VIDEO, audio: AUDIO });
    expect(ring.gops.map(({ inits }) => inits.audio)).toEqual([AUDIO, AUDIO]);
    ring.setInit({ ...VIDEO });
    expect(ring.newestOf(before)).toBe(before);
  });

  it('finds the picture that stood at a time, with all that it takes to decode it', () => {
    const ring = ringOf();
    fill(ring, pictures(30));
    const still = ring.still(1250)!;
    expect(still.packets.map(({ dtsMs }) => dtsMs)).toEqual([1000, 1100, 1200]);
    expect(still.shownIndex).toBe(2);
    expect(ring.still(-1)).toBeUndefined();
  });

  it('breaks where the camera was away too long: takers are told while what was can still be read', () => {
    const ring = ringOf({ maxGapMs: 2000 });
    const told: string[] = [];
    const leave = ring.follow({
      onAdded: () => told.push(`added ${ring.newestKey.packets}`),
      onBreak: () => told.push(`break ${starts(ring).join(' ')}`),
    });
    fill(ring, [picture(0, { isKey: true }), picture(100), picture(2100, { isKey: true }), picture(4101, { isKey: true })]);
    expect(told).toEqual(['added 0', 'added 0', 'added 2', 'break 0 2100', 'added 3']);
    expect(starts(ring)).toEqual([4101]);
    leave();
    ring.clear();
    expect(told).toHaveLength(5);
  });

  it('always covers what is needed once it was there, and never more than one group more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (gops) => {
        const ring = ringOf();
        let ms = 0;
        for (const gop of gops) for (let i = 0; i < gop; i++, ms += 100) ring.add(picture(ms, { isKey: i === 0 }));
        const newestMs = ms - 100;
        const [first, second] = starts(ring);
        expect(first).toBeLessThanOrEqual(Math.max(0, newestMs - 3000));
        if (second !== undefined) expect(second).toBeGreaterThan(newestMs - 3000);
      }),
    );
  });
});
