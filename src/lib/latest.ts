/** A slot for one value where the newest wins: what it displaces is counted, so that a drop is never silent. */
export class Latest<T> {
  #value: T | undefined;
  #dropped = 0;

  /** Puts a value in and returns the one it displaced. */
  put(value: T): T | undefined {
    const displaced = this.#value;
    if (displaced !== undefined) this.#dropped += 1;
    this.#value = value;
    return displaced;
  }

  take(): T | undefined {
    const value = this.#value;
    this.#value = undefined;
    return value;
  }

  get isFull(): boolean {
    return this.#value !== undefined;
  }

  get dropped(): number {
    return this.#dropped;
  }
}
