import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../src/lib/bell.ts';

const soon = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('Bell', () => {
  it('wakes everybody who waits, once', async () => {
    const bell = new Bell();
    const woken: string[] = [];
    void bell.next().then(() => woken.push('a'));
    void bell.next().then(() => woken.push('b'));
    expect(bell.waiting).toBe(2);
    bell.ring();
    expect(bell.waiting).toBe(0);
    expect(woken).toEqual([]);
    await soon();
    expect(woken).toEqual(['a', 'b']);
    bell.ring();
    await soon();
    expect(woken).toEqual(['a', 'b']);
  });

  it('remembers no ring for those who come later', async () => {
    const bell = new Bell();
    bell.ring();
    let isWoken = false;
    void bell.next().then(() => (isWoken = true));
    await soon();
    expect(isWoken).toBe(false);
    bell.ring();
    await soon();
    expect(isWoken).toBe(true);
  });

  it('does not wait where what is waited for holds already', async () => {
    const bell = new Bell();
    await bell.until(() => true);
    expect(bell.waiting).toBe(0);
  });

  it('waits until it holds, however often it rings before', async () => {
    const bell = new Bell();
    let count = 0;
    let seen: number | undefined;
    const done = bell.until(() => count >= 3).then(() => (seen = count));
    for (const next of [1, 2, 3]) {
      await soon();
      expect(seen).toBeUndefined();
      count = next;
      bell.ring();
    }
    await done;
    expect(seen).toBe(3);
  });

  it('misses no ring that comes before the waiter had its turn', async () => {
    const bell = new Bell();
    let count = 0;
    const done = bell.until(() => count === 2);
    // Both in one turn: the waiter is woken by the first and looks when the second has passed.
    count = 1;
    bell.ring();
    count = 2;
    bell.ring();
    await done;
  });

  it('hands things over between a producer and takers without losing or doubling any', async () => {
    const bell = new Bell();
    const items: number[] = [];
    const taken: number[] = [];
    let isOver = false;
    const taker = async (): Promise<void> => {
      for (;;) {
        await bell.until(() => items.length > 0 || isOver);
        const item = items.shift();
        if (item === undefined && isOver) return;
        if (item !== undefined) taken.push(item);
      }
    };
    const takers = [taker(), taker(), taker()];
    for (let i = 0; i < 100; i++) {
      items.push(i);
      bell.ring();
      if (i % 3 === 0) await Promise.resolve();
      if (i % 7 === 0) await soon();
    }
    isOver = true;
    bell.ring();
    await Promise.all(takers);
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('lets go of a waiter whose signal aborts, and says why', async () => {
    const bell = new Bell();
    const stop = new AbortController();
    const waits = [bell.next(stop.signal), bell.until(() => false, stop.signal)];
    const outcomes = Promise.allSettled(waits);
    stop.abort(new Error('enough'));
    expect(bell.waiting).toBe(0);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: new Error('enough') });
    await expect(bell.next(stop.signal)).rejects.toThrow('enough');
    await expect(bell.until(() => true, stop.signal)).rejects.toThrow('enough');
  });

  it('leaves nothing on the signal of a waiter that was woken', async () => {
    const bell = new Bell();
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) {
      const woken = bell.next(signal);
      bell.ring();
      await woken;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('tells whoever asked what its condition threw', async () => {
    const bell = new Bell();
    let isBroken = false;
    const done = bell.until(() => {
      if (isBroken) throw new Error('a bug');
      return false;
    });
    isBroken = true;
    bell.ring();
    await expect(done).rejects.toThrow('a bug');
    expect(bell.waiting).toBe(0);
  });
});
