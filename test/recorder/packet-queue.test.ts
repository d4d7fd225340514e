import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketQueue } from '../../src/recorder/packet-queue.ts';
import type { Piece } from '../../src/recorder/still-fill.ts';
import { inits, picture, pictures } from './packets.ts';

const INITS = inits();

function queueOf(options: Partial<ConstructorParameters<typeof PacketQueue>[0]> = {}): PacketQueue {
  return new PacketQueue({ fromMs: 0, targetMs: 2000, maxBytes: 1e6, ...options });
}

function drain(queue: PacketQueue): Piece[][] {
  const batches: Piece[][] = [];
  for (let batch = queue.next(); batch.length > 0; batch = queue.next()) batches.push([...batch]);
  return batches;
}

const lengths = (batches: readonly Piece[][]): number[] =>
  batches.map((batch) => Math.round(batch.reduce((sum, { durationMs }) => sum + durationMs, 0)));

/** How long each segment lasts, as it was drained in one piece or several. */
function segmentsOf(written: readonly Piece[]): number[] {
  const segments = [0];
  for (const { durationMs, ends } of written) {
    segments.push((segments.pop() ?? 0) + durationMs);
    if (ends) segments.push(0);
  }
  return segments;
}

describe('PacketQueue', () => {
  it('makes a segment of each group of pictures and holds the newest picture back', () => {
    const queue = queueOf();
    for (const packet of pictures(25)) queue.push(packet, INITS);
    const batches = drain(queue);
    expect(lengths(batches)).toEqual([1000, 1000, 400]);
    expect(batches.map((batch) => batch.at(-1)!.ends)).toEqual(['segment', 'segment', undefined]);
    expect(queue.endMs).toBe(2500);
  });

  it('takes how long a picture stands from the next one, not from its own word', () => {
    const queue = queueOf();
    queue.push(picture(0, { isKey: true, durationMs: 7 }), INITS);
    queue.push(picture(130), INITS);
    expect(drain(queue)[0]![0]!.durationMs).toBe(130);
  });

  it('begins with a key frame', () => {
    const queue = queueOf();
    queue.push(picture(0), INITS);
    queue.push(picture(100, { isKey: true }), INITS);
    expect(queue.first!.dtsMs).toBe(100);
  });

  it('cuts a group of pictures that is longer than a segment may be', () => {
    const queue = queueOf();
    for (const packet of pictures(51, { gop: 100 })) queue.push(packet, INITS);
    expect(lengths(drain(queue))).toEqual([2000, 2000, 1000]);
  });

  it('can be cut so that something is seen before the first group is complete, once', () => {
    const queue = queueOf();
    for (const packet of pictures(15, { gop: 100 })) queue.push(packet, INITS);
    queue.cut();
    queue.cut();
    const [batch] = drain(queue);
    expect(batch!.at(-1)!.ends).toBe('segment');
    for (const packet of pictures(40, { gop: 100 }).slice(15)) queue.push(packet, INITS);
    expect(lengths(drain(queue))).toEqual([2000, 500]);
  });

  it('ends with the picture that covers the end', () => {
    for (const closeMs of [1500, 1501, 1600]) {
      const queue = queueOf();
      for (const packet of pictures(30)) queue.push(packet, INITS);
      queue.closeAt(closeMs);
      expect(queue.isClosed).toBe(true);
      expect(queue.endMs).toBeGreaterThanOrEqual(closeMs);
      expect(queue.endMs).toBeLessThan(closeMs + 100);
      const total = lengths(drain(queue)).reduce((sum, ms) => sum + ms, 0);
      expect(total).toBe(queue.endMs);
    }
  });

  it('waits for pictures that the end still needs, and takes no more', () => {
    const queue = queueOf();
    for (const packet of pictures(10)) queue.push(packet, INITS);
    queue.closeAt(1250);
    expect(queue.isClosed).toBe(false);
    for (const packet of pictures(20).slice(10)) queue.push(packet, INITS);
    expect(queue.isClosed).toBe(true);
    expect(queue.endMs).toBe(1300);
    expect(queue.dropped).toBe(0);
  });

  it('ends before it began where no picture came', () => {
    const queue = queueOf({ fromMs: 500 });
    queue.closeAt(queue.endMs);
    expect(queue.isClosed).toBe(true);
    expect(drain(queue)).toEqual([]);
  });

  it('stands still over a gap between two connections, so that time goes on', () => {
    const queue = queueOf();
    const again = inits(2);
    for (const packet of pictures(15)) queue.push(packet, INITS);
    for (const packet of pictures(11, { fromMs: 9000 })) queue.push(packet, again);
    const batches = drain(queue);
    expect(lengths(batches).reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
    expect(Math.max(...lengths(batches))).toBeLessThanOrEqual(2000);
    for (const [first] of batches) expect(first!.packet.isKey).toBe(true);
    const starts = batches.flat().map(({ packet }) => packet.dtsMs);
    for (const [i, piece] of batches.flat().slice(0, -1).entries())
      expect(piece.packet.dtsMs + piece.durationMs).toBeCloseTo(starts[i + 1]!);
    expect(batches.flat().filter(({ ends }) => ends === 'run')).toHaveLength(1);
  });

  it('fills a hole inside a group of pictures: what comes behind it finds all that it refers to', () => {
    const queue = queueOf();
    for (const packet of pictures(5, { gop: 100 })) queue.push(packet, INITS);
    for (const packet of pictures(5, { gop: 100, fromMs: 9000 })) queue.push({ ...packet, isKey: false }, INITS);
    const written = drain(queue).flat();
    expect(Math.max(...segmentsOf(written))).toBeLessThanOrEqual(2499);
    const before = written.filter(({ packet }) => packet.dtsMs < 9000);
    expect(before.slice(-5).map(({ packet }) => packet.isKey)).toEqual([true, false, false, false, false]);
    expect(before.at(-1)!.durationMs).toBeGreaterThan(400);
    expect(written.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeCloseTo(9400);
  });

  it('ends behind a whole segment when too much waits, and counts what is lost', () => {
    const queue = queueOf({ maxBytes: 2550 });
    for (const packet of pictures(40)) queue.push(packet, INITS);
    expect(queue.isClosed).toBe(true);
    expect(lengths(drain(queue))).toEqual([1000, 1000]);
    expect(queue.endMs).toBe(2000);
    expect(queue.dropped).toBe(20);
    queue.closeAt(4000);
    queue.push(picture(4100), INITS);
    expect(queue.dropped).toBe(20);
  });

  it('loses nothing and repeats nothing, whatever the camera sends and wherever it ends', () => {
    const camera = fc.array(
      fc.record({ stepMs: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 9000 })), isKey: fc.boolean() }),
      {
        minLength: 2,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(camera, fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 79 }), (sent, closeMs, drainAt) => {
        const queue = queueOf();
        const batches: Piece[][] = [];
        let ms = 0;
        const times = sent.map(({ stepMs }) => (ms += stepMs));
        for (const [i, { isKey }] of sent.entries()) {
          queue.push(picture(times[i]!, { isKey: isKey || i === 0 }), INITS);
          if (i === drainAt) batches.push(...drain(queue));
        }
        queue.closeAt(closeMs);
        if (!queue.isClosed) queue.closeAt(queue.endMs);
        batches.push(...drain(queue));
        const written = batches.flat();
        for (const lengthMs of segmentsOf(written)) expect(Math.round(lengthMs / 1000)).toBeLessThanOrEqual(2);
        for (const [i, piece] of written.slice(0, -1).entries()) {
          expect(piece.packet.dtsMs + piece.durationMs).toBeCloseTo(written[i + 1]!.packet.dtsMs);
        }
        const originals = written.map(({ packet }) => packet.dtsMs).filter((dtsMs) => times.includes(dtsMs));
        expect(originals).toEqual(times.slice(0, originals.length));
        if (times.at(-1)! > closeMs && written.length > 0)
          expect(queue.endMs).toBeGreaterThanOrEqual(Math.min(closeMs, times.at(-1)!));
      }),
    );
  });
});
