/** Bytes of a raw video pipe → whole frames in leased buffers. Reading goes on only when the taker of the last frame is done. */
import type { Readable } from 'node:stream';
import type { BufferPool, Lease } from '../lib/buffer-pool.ts';

export interface FrameReaderOptions {
  readonly pool: BufferPool;
  /** told of every piece that arrives: the watchdog's heartbeat */
  readonly onBytes: () => void;
  /** takes over the lease; a promise holds the pipe back until it resolves */
  readonly onFrame: (lease: Lease) => void | Promise<void>;
}

/** Reads until the pipe ends. A frame that was cut off by the end is given back. */
export async function readFrames(pipe: Readable, { pool, onBytes, onFrame }: FrameReaderOptions): Promise<void> {
  using assembler = new FrameAssembler(pool);
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    onBytes();
    for (const frame of assembler.push(chunk)) await onFrame(frame);
  }
}

class FrameAssembler implements Disposable {
  readonly #pool: BufferPool;
  #lease: Lease;
  #filledBytes = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
    this.#lease = pool.lease();
  }

  /** The frames that this piece completes. */
  *push(chunk: Buffer): Generator<Lease> {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(this.#lease.data, this.#filledBytes, at);
      at += copied;
      this.#filledBytes += copied;
      if (this.#filledBytes === this.#pool.bytes) yield this.#next();
    }
  }

  [Symbol.dispose](): void {
    this.#lease.release();
  }

  #next(): Lease {
    const full = this.#lease;
    this.#lease = this.#pool.lease();
    this.#filledBytes = 0;
    return full;
  }
}
