import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordRing } from '../../src/why/record-ring.ts';

const bytesOf = (view: DataView): number[] => [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
const contentOf = (ring: RecordRing): number[][] => [...ring.records()].map(bytesOf);

describe('a ring of records', () => {
  it('gives back what it was given, oldest first, and takes no memory before that', () => {
    const ring = new RecordRing({ maxBytes: 65_536, keepMs: 1000 });
    expect([ring.bytes, contentOf(ring)]).toEqual([0, []]);
    ring.append(Uint8Array.of(1, 2), 0);
    ring.append(Uint8Array.of(3), 1);
    expect(contentOf(ring)).toEqual([[1, 2], [3]]);
    expect(ring.hasDropped).toBe(false);
  });

  it('writes its newest record anew where its length stays', () => {
    const ring = new RecordRing({ maxBytes: 65_536, keepMs: 1000 });
    ring.append(Uint8Array.of(1), 0);
    ring.append(Uint8Array.of(2), 0);
    ring.amend(Uint8Array.of(9), 1);
    expect(contentOf(ring)).toEqual([[1], [9]]);
    expect(() => ring.amend(Uint8Array.of(1, 2), 1)).toThrow('have 2 bytes');
  });

  it('refuses a record that fits no chunk', () => {
    const ring = new RecordRing({ maxBytes: 65_536, keepMs: 1000 });
    expect(() => ring.append(new Uint8Array(5000), 0)).toThrow('at most 4094 bytes but received 5000');
  });

  it('forgets what is too old once it needs room, also where there are bytes left', () => {
    const ring = new RecordRing({ maxBytes: 1_000_000, keepMs: 1000 });
    for (let i = 0; i < 40; i += 1) ring.append(new Uint8Array(4000).fill(i), i * 200);
    expect(contentOf(ring).at(-1)?.[0]).toBe(39);
    expect(ring.hasDropped).toBe(true);
    expect(ring.bytes).toBeLessThan(300_000);
  });

  it('never exceeds its bytes, and what it holds is always the newest records, whole and in order', () => {
    const records = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(records, fc.integer({ min: 65_536, max: 200_000 }), (given, maxBytes) => {
        const ring = new RecordRing({ maxBytes, keepMs: Number.POSITIVE_INFINITY });
        const expected: number[][] = [];
        for (const [i, [length, amends]] of given.entries()) {
          const record = new Uint8Array(length).fill(i % 251);
          ring.append(record, i);
          if (amends) ring.amend(record.fill((i + 1) % 251), i);
          expected.push([...record]);
          expect(ring.bytes).toBeLessThanOrEqual(maxBytes);
        }
        const held = contentOf(ring);
        expect(held).toEqual(expected.slice(expected.length - held.length));
        expect(held.length < expected.length).toBe(ring.hasDropped);
      }),
      { numRuns: 40 },
    );
  });
});
