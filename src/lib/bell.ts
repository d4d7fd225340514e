/**
 * The one condition variable: whoever waits, waits for the next ring, or until something holds. It remembers nothing, so what is
 * waited for must be state: change the state first, then ring. `until` looks at the state before it waits and after every ring,
 * without a moment between looking and waiting, so no ring can be missed. Holds nothing but its waiters.
 */
export class Bell {
  readonly #waiters = new Set<() => void>();

  /** how many wait */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Wakes everybody who waits now; they go on after the caller. */
  ring(): void {
    if (this.#waiters.size === 0) return;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /** Resolves with the next ring; rejects with the signal's reason. */
  async next(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(wake);
        reject(signal?.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiters.add(wake);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Resolves once `holds` says so, at once where it does already; rejects with the signal's reason, or what `holds` throws. */
  async until(holds: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    while (!holds()) await this.next(signal);
  }
}
