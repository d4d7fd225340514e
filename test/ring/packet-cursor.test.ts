import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PacketCursor } from '../../src/ring/packet-cursor.ts';
import { PacketRing } from '../../src/ring/packet-ring.ts';
import { picture, pictures } from '../recorder/packets.ts';

/** Three seconds, ten pictures a second, a key frame every second. */
function ringOf({ neededMs = 3000, maxBytes = 1e6 } = {}): PacketRing {
  const ring = new PacketRing({ neededMs, maxBytes, maxGapMs: Infinity });
  ring.setInit({ isVideo: true, bytes: Buffer.from('v') });
  return ring;
}

function timesOf(cursor: PacketCursor): number[] {
  const times: number[] = [];
  for (let next = cursor.next(); next; next = cursor.next()) times.push(next.packet.dtsMs);
  return times;
}

const times = (fromMs: number, untilMs: number): number[] =>
  Array.from({ length: (untilMs - fromMs) / 100 }, (_, i) => fromMs + i * 100);

describe('PacketCursor', () => {
  it('starts in the past, at the key frame of a time, and goes on with what comes', () => {
    const ring = ringOf();
    for (const packet of pictures(25)) ring.add(packet);
    expect(timesOf(ring.cursor(1950))).toEqual(times(1000, 2500));
    expect(timesOf(ring.cursor(-50))).toEqual(times(0, 2500));
    const now = ring.cursor();
    expect(timesOf(now)).toEqual(times(2000, 2500));
    expect(timesOf(now)).toEqual([]);
    ring.add(picture(2500));
    expect(timesOf(now)).toEqual([2500]);
  });

  it('who falls behind goes on at the newest key frame and knows what was missed; the other sees everything', () => {
    const ring = ringOf();
    const [slow, quick] = [ring.cursor(0), ring.cursor(0)];
    const seen: number[] = [];
    const first: number[] = [];
    for (const packet of pictures(60)) {
      ring.add(packet);
      seen.push(...timesOf(quick));
      if (packet.dtsMs < 500) first.push(...timesOf(slow));
    }
    expect(seen).toEqual(times(0, 6000));
    expect(quick.dropped).toBe(0);
    expect(first).toEqual(times(0, 500));
    expect(timesOf(slow)).toEqual(times(5000, 6000));
    expect(slow.dropped).toBe(45);
  });

  it('counts the pictures that were missed, not the sound between them', () => {
    const ring = ringOf();
    const cursor = ring.cursor();
    for (const packet of pictures(50)) {
      ring.add(packet);
      ring.add({ ...packet, isVideo: false });
    }
    cursor.next();
    expect(cursor.dropped).toBe(40);
  });

  it('has missed nothing where only what it had read is gone', () => {
    const ring = ringOf();
    for (const packet of pictures(10)) ring.add(packet);
    const cursor = ring.cursor(0);
    timesOf(cursor);
    for (const packet of pictures(31, { fromMs: 1000 })) ring.add(packet);
    expect(ring.gops[0]!.startPtsMs).toBe(1000);
    expect(timesOf(cursor)).toEqual(times(1000, 4100));
    expect(cursor.dropped).toBe(0);
  });

  it('waits for the next key frame where a group was too large for the ring', () => {
    const ring = ringOf({ maxBytes: 1500 });
    const cursor = ring.cursor();
    for (const packet of pictures(50, { gop: 50 })) ring.add(packet);
    expect(cursor.next()).toBeUndefined();
    expect(cursor.dropped).toBe(16);
    ring.add(picture(5000, { isKey: true }));
    expect(timesOf(cursor)).toEqual([5000]);
    expect(cursor.dropped).toBe(16);
  });

  it('gets every packet where it reads as soon as it is told, also of a group that is too large', () => {
    const ring = ringOf({ maxBytes: 1500 });
    const cursor = ring.cursor();
    const seen: number[] = [];
    ring.follow({ onAdded: () => seen.push(...timesOf(cursor)), onBreak: () => undefined });
    for (const packet of pictures(16, { gop: 50 })) ring.add(packet);
    expect(ring.bytes).toBe(0);
    expect(seen).toEqual(times(0, 1600));
  });

  it('costs the ring no memory, however many there are and however far behind', () => {
    const ring = ringOf({ maxBytes: 5000 });
    const cursors = Array.from({ length: 100 }, () => ring.cursor());
    for (const packet of pictures(1000)) ring.add(packet);
    expect(ring.bytes).toBeLessThanOrEqual(5000);
    expect(ring.gops.flatMap(({ packets }) => packets).length).toBeLessThanOrEqual(50);
    for (const cursor of cursors) {
      expect(timesOf(cursor)).toEqual(times(99_000, 100_000));
      expect(cursor.dropped).toBe(990);
    }
  });

  it('reads in order, leaves out only whole stretches that end at a key frame, and what was read and missed is all there was', () => {
    const step = fc.record({ gop: fc.integer({ min: 1, max: 15 }), reads: fc.array(fc.boolean(), { maxLength: 15 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.integer({ min: 300, max: 6000 }), (steps, maxBytes) => {
        const ring = ringOf({ neededMs: 1500, maxBytes });
        const cursor = ring.cursor();
        const kept: number[] = [];
        const read: { dtsMs: number; isKey: boolean }[] = [];
        ring.follow({ onAdded: () => kept.push(ms), onBreak: () => undefined });
        let ms = 0;
        for (const { gop, reads } of steps) {
          for (let i = 0; i < gop; i++, ms += 100) {
            ring.add(picture(ms, { isKey: i === 0 }));
            const next = reads[i] === true ? cursor.next() : undefined;
            if (next) read.push(next.packet);
          }
        }
        for (let next = cursor.next(); next; next = cursor.next()) read.push(next.packet);
        let missed = 0;
        for (const [i, { dtsMs, isKey }] of read.entries()) {
          const [at, before] = [kept.indexOf(dtsMs), i === 0 ? -1 : kept.indexOf(read[i - 1]!.dtsMs)];
          expect(at).toBeGreaterThan(before);
          if (at > before + 1) expect(isKey).toBe(true);
          missed += at - before - 1;
        }
        const atEnd = kept.length - 1 - (read.length === 0 ? -1 : kept.indexOf(read.at(-1)!.dtsMs));
        expect(cursor.dropped).toBe(missed + atEnd);
      }),
    );
  });
});
