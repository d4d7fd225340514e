/**
 * Who is told at once, in the same turn, of what happens in a ring. Telling costs a call; what a taker makes of it is its own
 * affair, and it must not wait: the camera's pipe is not read meanwhile.
 */
export interface Taker {
  /** there is more to read */
  onAdded(): void;
  /** The film breaks here: what was held can be read a last time, what comes next does not continue it. */
  onBreak(): void;
}

export class Takers {
  readonly #takers = new Set<Taker>();

  /** Returns the way to leave. */
  add(taker: Taker): () => void {
    this.#takers.add(taker);
    return () => this.#takers.delete(taker);
  }

  added(): void {
    for (const taker of this.#takers) taker.onAdded();
  }

  broke(): void {
    for (const taker of this.#takers) taker.onBreak();
  }
}
