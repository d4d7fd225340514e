import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BufferPool, type Lease } from '../../src/lib/buffer-pool.ts';
import { readFrames } from '../../src/source/frame-reader.ts';

const FRAME_BYTES = 10;

/** Reads the pieces as a pipe would bring them; gives each frame back at once. */
async function read(pieces: Buffer[], pool = new BufferPool(FRAME_BYTES, 2)) {
  const frames: number[][] = [];
  let beats = 0;
  await readFrames(Readable.from(pieces, { objectMode: false }), {
    pool,
    onBytes: () => {
      beats += 1;
    },
    onFrame: (lease) => {
      frames.push([...lease.data]);
      lease.release();
    },
  });
  return { frames, beats, pool };
}

/** Frame i holds i ten times. */
function film(count: number): Buffer {
  return Buffer.from(Array.from({ length: count * FRAME_BYTES }, (_, at) => Math.floor(at / FRAME_BYTES)));
}

function cut(bytes: Buffer, every: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / every) }, (_, i) => bytes.subarray(i * every, (i + 1) * every));
}

describe('readFrames', () => {
  it.each([1, 3, 7, 9, 10, 11, 20, 33, 1000])('puts frames together from pieces of %i bytes', async (every) => {
    const { frames, pool } = await read(cut(film(12), every));
    expect(frames).toEqual(Array.from({ length: 12 }, (_, i) => Array<number>(FRAME_BYTES).fill(i)));
    expect(pool.leased).toBe(0);
  });

  it('gives no frame that was cut off by the end, and returns its buffer', async () => {
    const { frames, pool } = await read(cut(film(3).subarray(0, 27), 4));
    expect(frames).toHaveLength(2);
    expect(pool.leased).toBe(0);
  });

  it('has nothing to give from an empty pipe', async () => {
    const { frames, beats, pool } = await read([]);
    expect(frames).toEqual([]);
    expect(beats).toBe(0);
    expect(pool.leased).toBe(0);
  });

  it('tells of every piece, also of those that complete no frame', async () => {
    expect((await read(cut(film(2), 4))).beats).toBe(5);
  });

  it('leaves the frame to whom it was given, until they release it', async () => {
    const pool = new BufferPool(FRAME_BYTES, 2);
    const kept: Lease[] = [];
    await readFrames(Readable.from(cut(film(5), 7), { objectMode: false }), {
      pool,
      onBytes: () => undefined,
      onFrame: (lease) => void kept.push(lease),
    });
    expect(pool.leased).toBe(5);
    expect(kept.map(({ data }) => data[0])).toEqual([0, 1, 2, 3, 4]);
    for (const lease of kept) lease.release();
    expect(pool.leased).toBe(0);
  });

  it('reads no further while somebody is busy with a frame', async () => {
    const pipe = new PassThrough({ highWaterMark: 4 * FRAME_BYTES });
    const pool = new BufferPool(FRAME_BYTES, 2);
    const busy: (() => void)[] = [];
    let count = 0;
    const reading = readFrames(pipe, {
      pool,
      onBytes: () => undefined,
      onFrame: async (lease) => {
        count += 1;
        lease.release();
        await new Promise<void>((resolve) => busy.push(resolve));
      },
    });
    const isRoom = cut(film(20), FRAME_BYTES).map((frame) => pipe.write(frame));
    for (let i = 0; i < 20; i += 1) await turn();
    expect(count).toBe(1);
    expect(isRoom.at(-1)).toBe(false);
    pipe.end();
    const unblock = setInterval(() => busy.pop()?.(), 1);
    await reading;
    clearInterval(unblock);
    expect(count).toBe(20);
    expect(pool.leased).toBe(0);
  });

  it('returns its buffer when the taker fails', async () => {
    const pool = new BufferPool(FRAME_BYTES, 2);
    const reading = readFrames(Readable.from(cut(film(5), 7), { objectMode: false }), {
      pool,
      onBytes: () => undefined,
      onFrame: (lease) => {
        lease.release();
        throw new Error('the taker failed');
      },
    });
    await expect(reading).rejects.toThrow('the taker failed');
    expect(pool.leased).toBe(0);
  });

  it('returns its buffer when the pipe fails', async () => {
    const pool = new BufferPool(FRAME_BYTES, 2);
    const pipe = new PassThrough();
    const reading = readFrames(pipe, { pool, onBytes: () => undefined, onFrame: (lease) => lease.release() });
    pipe.write(film(1));
    await turn();
    pipe.destroy(new Error('read EIO'));
    await expect(reading).rejects.toThrow('read EIO');
    expect(pool.leased).toBe(0);
  });
});
