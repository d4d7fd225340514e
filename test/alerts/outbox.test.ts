import { describe, expect, it } from 'vitest';
import type { Alert, AlertType } from '../../src/messages/alert.ts';
import { Outbox } from '../../src/alerts/outbox.ts';
import { draft } from '../publisher/harness.ts';

function alert(seq: number, type: AlertType = 'start'): Alert {
  return { v: 1, node: 'test', epoch: 'e', seq, ...draft(`event-${seq}`, type) };
}

function filled(types: readonly AlertType[], limits = { maxAlerts: 4, maxInFlight: 2 }): Outbox {
  const outbox = new Outbox(limits);
  for (const [i, type] of types.entries()) outbox.add(alert(i + 1, type));
  return outbox;
}

/** Sends and acknowledges until nothing is left. */
function drained(outbox: Outbox): number[] {
  const seqs: number[] = [];
  for (let next = outbox.next(); next; next = outbox.next()) {
    seqs.push(next.seq);
    outbox.acked(next.seq);
  }
  return seqs;
}

describe('Outbox', () => {
  it('gives alerts out in the order of their numbers', () => {
    expect(drained(filled(['start', 'live', 'end', 'ready']))).toEqual([1, 2, 3, 4]);
  });

  it('has no more on the wire than allowed, and goes on with each acknowledgement', () => {
    const outbox = filled(['start', 'live', 'end']);
    expect([outbox.next()?.seq, outbox.next()?.seq, outbox.next()]).toEqual([1, 2, undefined]);
    outbox.acked(2);
    expect(outbox.next()?.seq).toBe(3);
    expect(outbox.inFlight).toBe(2);
    expect(outbox.size).toBe(2);
  });

  it('sets aside what was turned away, lets the others pass, and gives it out again after a disconnect', () => {
    const outbox = filled(['start', 'live', 'end', 'ready']);
    for (const seq of [1, 2]) {
      expect(outbox.next()?.seq).toBe(seq);
      outbox.setAside(seq);
    }
    expect([outbox.aside, outbox.inFlight, outbox.size]).toEqual([2, 0, 4]);
    expect(drained(outbox)).toEqual([3, 4]);
    outbox.disconnected();
    expect(outbox.aside).toBe(0);
    expect(drained(outbox)).toEqual([1, 2]);
  });

  it('sends everything unacknowledged again after a disconnect, lowest number first', () => {
    const outbox = filled(['start', 'live', 'end', 'ready']);
    outbox.next();
    outbox.next();
    outbox.acked(2);
    outbox.next();
    outbox.disconnected();
    expect(outbox.inFlight).toBe(0);
    expect(drained(outbox)).toEqual([1, 3, 4]);
  });

  it('ignores acknowledgements of what is not on the wire', () => {
    const outbox = filled(['start']);
    outbox.acked(1);
    outbox.acked(99);
    expect(outbox.size).toBe(1);
    expect(outbox.inFlight).toBe(0);
  });

  it('gives out again, at its old place, what was refused', () => {
    const outbox = filled(['start', 'live', 'end']);
    outbox.next();
    outbox.next();
    outbox.notTaken(1);
    outbox.notTaken(3);
    expect(outbox.inFlight).toBe(1);
    expect(outbox.next()?.seq).toBe(1);
  });

  it('drops the oldest update when it is full', () => {
    const outbox = filled(['start', 'update', 'update', 'end']);
    expect(outbox.add(alert(5))?.seq).toBe(2);
    expect(outbox.dropped).toBe(1);
    expect(drained(outbox)).toEqual([1, 3, 4, 5]);
  });

  it('drops the oldest alert when it is full and holds no update', () => {
    const outbox = filled(['start', 'live', 'end', 'ready']);
    expect(outbox.add(alert(5))?.seq).toBe(1);
    expect(drained(outbox)).toEqual([2, 3, 4, 5]);
  });

  it('does not drop what is on the wire', () => {
    const outbox = filled(['update', 'update', 'end', 'ready']);
    outbox.next();
    outbox.next();
    expect(outbox.add(alert(5))?.seq).toBe(3);
    outbox.acked(1);
    outbox.acked(2);
    expect(drained(outbox)).toEqual([4, 5]);
  });

  it('refuses limits with which it could hold nothing but what is on the wire', () => {
    expect(() => new Outbox({ maxAlerts: 100, maxInFlight: 100 })).toThrow('Expected maxAlerts above maxInFlight 100');
  });
});
