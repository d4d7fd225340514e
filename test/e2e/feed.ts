/** What a process or a broker says, in the order it was said, and waiting for something among it. */

/** Generous: a machine may be busy. Nothing is measured with it. */
const WITHIN_MS = 40_000;

export interface Wanted {
  /** for the error: what was waited for */
  readonly what: string;
  /** look only at what came at this position or later */
  readonly from?: number;
  readonly withinMs?: number;
}

export class Feed<T> {
  readonly items: T[] = [];
  readonly #listeners = new Set<() => void>();
  #end: string | undefined;

  push(item: T): void {
    this.items.push(item);
    this.#tell();
  }

  /** Nothing more comes; whoever waits is told why. */
  end(reason: string): void {
    this.#end ??= reason;
    this.#tell();
  }

  /** The first item that matches, now or later. Throws when nothing more can come or it takes too long. */
  async find(match: (item: T) => boolean, { what, from = 0, withinMs = WITHIN_MS }: Wanted): Promise<T> {
    const deadlineMs = performance.now() + withinMs;
    const timer = setTimeout(() => this.#tell(), withinMs + 1);
    try {
      for (let i = from; ; i += 1) {
        while (i >= this.items.length) await this.#more(what, deadlineMs);
        const item = this.items[i] as T;
        if (match(item)) return item;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #more(what: string, deadlineMs: number): Promise<void> {
    if (performance.now() >= deadlineMs) throw new Error(`Expected ${what}, but it did not come in time. ${this.#tail()}`);
    if (this.#end !== undefined) throw new Error(`Expected ${what}, but ${this.#end}. ${this.#tail()}`);
    await this.#change();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #tail(): string {
    const last = this.items.slice(-12).map((item) => (JSON.stringify(item) ?? '').slice(0, 400));
    return `The last of ${this.items.length} were:\n${last.join('\n')}`;
  }
}

/** For what tells nobody when it changes (processes, files): asks until it is so. */
export async function until<T>(ask: () => Promise<T | undefined | false> | T | undefined | false, wanted: Wanted): Promise<T> {
  const { what, withinMs = WITHIN_MS } = wanted;
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`Expected ${what} within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
