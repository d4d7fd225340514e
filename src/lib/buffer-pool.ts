/** Buffers of one size that are used again: a lease is counted, and the last release gives the buffer back. */
export class BufferPool {
  readonly bytes: number;
  readonly #free: Buffer[] = [];
  readonly #maxFree: number;
  #leased = 0;

  /** `maxFree`: how many unused buffers are kept for reuse; the rest go to the garbage collector */
  constructor(bytes: number, maxFree: number) {
    this.bytes = bytes;
    this.#maxFree = maxFree;
  }

  /** Buffers that somebody still holds. */
  get leased(): number {
    return this.#leased;
  }

  lease(): Lease {
    this.#leased += 1;
    return new Lease(this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bytes), (data) => {
      this.#leased -= 1;
      if (this.#free.length < this.#maxFree) this.#free.push(data);
    });
  }
}

/** One buffer with a count of holders, which starts at one. */
export class Lease {
  readonly data: Buffer;
  readonly #giveBack: (data: Buffer) => void;
  #holders = 1;

  constructor(data: Buffer, giveBack: (data: Buffer) => void) {
    this.data = data;
    this.#giveBack = giveBack;
  }

  retain(): void {
    if (this.#holders === 0) throw new Error('Expected a buffer that is still leased but it was given back');
    this.#holders += 1;
  }

  release(): void {
    if (this.#holders === 0) throw new Error('Expected one release for each holder of a buffer but received one more');
    this.#holders -= 1;
    if (this.#holders === 0) this.#giveBack(this.data);
  }
}
