import { describe, expect, it } from 'vitest';
import { Latest } from '../../src/lib/latest.ts';

describe('Latest', () => {
  it('keeps the newest value and hands back the one it displaced', () => {
    const slot = new Latest<string>();
    expect(slot.put('old')).toBeUndefined();
    expect(slot.put('new')).toBe('old');
    expect(slot.take()).toBe('new');
  });

  it('counts what was displaced, and only that', () => {
    const slot = new Latest<number>();
    slot.put(1);
    slot.put(2);
    slot.take();
    slot.put(3);
    slot.put(4);
    expect(slot.dropped).toBe(2);
  });

  it('is empty after its value was taken', () => {
    const slot = new Latest<number>();
    expect(slot.isFull).toBe(false);
    slot.put(0);
    expect(slot.isFull).toBe(true);
    slot.take();
    expect(slot.isFull).toBe(false);
    expect(slot.take()).toBeUndefined();
  });
});
