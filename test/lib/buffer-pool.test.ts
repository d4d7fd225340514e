import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../src/lib/buffer-pool.ts';

describe('BufferPool', () => {
  it('hands out buffers of its size and counts those that are held', () => {
    const pool = new BufferPool(12, 2);
    const leases = [pool.lease(), pool.lease(), pool.lease()];
    expect(leases.map(({ data }) => data.length)).toEqual([12, 12, 12]);
    expect(pool.leased).toBe(3);
    for (const lease of leases) lease.release();
    expect(pool.leased).toBe(0);
  });

  it('uses a buffer again that was given back', () => {
    const pool = new BufferPool(12, 2);
    const first = pool.lease();
    first.release();
    expect(pool.lease().data).toBe(first.data);
  });

  it('never hands out a buffer that somebody still holds', () => {
    const pool = new BufferPool(12, 2);
    const first = pool.lease();
    first.retain();
    first.release();
    const second = pool.lease();
    expect(second.data).not.toBe(first.data);
    expect(pool.leased).toBe(2);
    first.release();
    expect(pool.lease().data).toBe(first.data);
  });

  it('keeps no more unused buffers than it was told to', () => {
    const pool = new BufferPool(12, 1);
    const [first, second] = [pool.lease(), pool.lease()];
    first.release();
    second.release();
    const again = [pool.lease().data, pool.lease().data];
    expect(again).toContain(first.data);
    expect(again).not.toContain(second.data);
  });
});

describe('Lease', () => {
  it('refuses one release too many, so that no buffer is handed out twice', () => {
    const pool = new BufferPool(12, 2);
    const lease = pool.lease();
    lease.release();
    expect(() => lease.release()).toThrow('Expected one release for each holder');
    expect(pool.leased).toBe(0);
  });

  it('refuses to be kept by somebody after it was given back', () => {
    const lease = new BufferPool(12, 2).lease();
    lease.release();
    expect(() => lease.retain()).toThrow('Expected a buffer that is still leased');
  });
});
