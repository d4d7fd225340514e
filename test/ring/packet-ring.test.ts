import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketRing } from '../../src/ring/packet-ring.ts';
import { picture, pictures } from '../recorder/packets.ts';

const VIDEO = { isVideo: true, bytes: Buffer.from('v') };

function ringOf({ neededMs = 3000, maxBytes = 1e6 } = {}): PacketRing {
  const ring = new PacketRing({ neededMs, maxBytes });
  ring.setInit(VIDEO);
  return ring;
}

const starts = (ring: PacketRing): number[] => ring.gops.map(({ startPtsMs }) => startPtsMs);

describe('PacketRing', () => {
  it('holds whole groups of pictures that cover what is needed', () => {
    const ring = ringOf();
    for (const packet of pictures(100)) ring.push(packet);
    expect(starts(ring)).toEqual([6000, 7000, 8000, 9000]);
    expect(ring.from(6500)[0]!.startPtsMs).toBe(6000);
    expect(ring.from(7000)[0]!.startPtsMs).toBe(7000);
    expect(ring.from(100)[0]!.startPtsMs).toBe(6000);
    expect(ring.longestGopMs).toBe(1000);
  });

  it('begins with a key frame, and puts sound to the pictures it came with', () => {
    const ring = ringOf();
    expect(ring.push(picture(0))).toBeUndefined();
    expect(ring.push(picture(0, { isVideo: false, isKey: true }))).toBeUndefined();
    ring.push(picture(100, { isKey: true }));
    ring.push(picture(90, { isVideo: false, isKey: true }));
    expect(ring.gops[0]!.packets.map(({ isVideo }) => isVideo)).toEqual([true, false]);
  });

  it('is bounded in bytes, also where a single group is too large', () => {
    const ring = ringOf({ maxBytes: 1500 });
    for (const packet of pictures(100)) ring.push(packet);
    expect(ring.bytes).toBeLessThanOrEqual(1500);
    const long = ringOf({ maxBytes: 1500 });
    for (const packet of pictures(100, { gop: 50 })) long.push(packet);
    expect(long.bytes).toBeLessThanOrEqual(1500);
    expect(long.push(picture(10_000))).toBeUndefined();
    long.push(picture(10_100, { isKey: true }));
    expect(starts(long)).toEqual([10_100]);
  });

  it('keeps a new connection apart, whose time never runs back', () => {
    const ring = ringOf();
    for (const packet of pictures(10)) ring.push(packet);
    ring.setInit({ ...VIDEO });
    expect(ring.push(picture(1000))).toBeUndefined();
    const kept = ring.push(picture(850, { isKey: true }));
    expect(kept!.packet.dtsMs).toBeGreaterThan(900);
    expect(ring.gops[0]!.inits).not.toBe(ring.gops[1]!.inits);
    expect(ring.longestGopMs).toBe(0);
  });

  it('finds the picture that stood at a time, with all that it takes to decode it', () => {
    const ring = ringOf();
    for (const packet of pictures(30)) ring.push(packet);
    const still = ring.still(1250)!;
    expect(still.packets.map(({ dtsMs }) => dtsMs)).toEqual([1000, 1100, 1200]);
    expect(still.shownIndex).toBe(2);
    expect(ring.still(-1)).toBeUndefined();
  });

  it('always covers what is needed once it was there, and never more than one group more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (gops) => {
        const ring = ringOf();
        let ms = 0;
        for (const gop of gops) for (let i = 0; i < gop; i++, ms += 100) ring.push(picture(ms, { isKey: i === 0 }));
        const newestMs = ms - 100;
        const [first, second] = starts(ring);
        expect(first).toBeLessThanOrEqual(Math.max(0, newestMs - 3000));
        if (second !== undefined) expect(second).toBeGreaterThan(newestMs - 3000);
      }),
    );
  });
});
