/**
 * event.json files on their way to the disk: one write at a time per file, the newest text wins. A failing disk never throws
 * into the pipeline: it is said once when it begins and once when it is over, `problem` tells health, and what could not be
 * written is tried again by `retry`, with the next write that works, and when closing.
 */
import { dirname } from 'node:path';
import { writeDurably } from '../../lib/durable.ts';
import { codeOf, messageOf, RetryableError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';

/** Files remembered while the disk refuses them. */
const MAX_UNWRITTEN = 1000;

export class EventWriter {
  /** path → text, not yet taken up by a write */
  readonly #newest = new Map<string, string>();
  /** path → text that the disk refused */
  readonly #unwritten = new Map<string, string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #log: Logger;
  readonly #guard: (folder: string) => Promise<void>;
  #problem: string | undefined;

  /** `guard` makes the folder, and rejects where it is not one to write into; that counts as a disk that refuses. */
  constructor(log: Logger, guard: (folder: string) => Promise<void>) {
    this.#log = log;
    this.#guard = guard;
  }

  /** Why events are not on disk; undefined while they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves once this text or a newer one of the same file is on disk, or the disk refused it. */
  async write(path: string, text: string): Promise<void> {
    this.#newest.set(path, text);
    this.#unwritten.delete(path);
    let running = this.#running.get(path);
    if (!running) {
      running = this.#run(path).finally(() => this.#running.delete(path));
      this.#running.set(path, running);
    }
    await running;
  }

  /** One try, after what is under way for this file; true when it is on disk. What the disk refuses is not remembered here. */
  async tryOnce(path: string, text: string): Promise<boolean> {
    await this.#running.get(path);
    this.#newest.delete(path);
    this.#unwritten.delete(path);
    const cause = await this.#tryToWrite(path, text);
    if (cause === undefined) this.#succeeded();
    else this.#complain(path, cause);
    return cause === undefined;
  }

  /** Tries again what the disk refused; called about once a second, does nothing while all is well. */
  retry(): void {
    if (this.#unwritten.size > 0 && this.#running.size === 0) void this.#retryUnwritten();
  }

  /** Waits for what is under way, and tries once more what was refused. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values());
    await this.#retryUnwritten();
    await Promise.all(this.#running.values());
  }

  async #run(path: string): Promise<void> {
    for (let text = this.#newest.get(path); text !== undefined; text = this.#newest.get(path)) {
      this.#newest.delete(path);
      const cause = await this.#tryToWrite(path, text);
      if (cause === undefined) this.#succeeded();
      else this.#failed(path, text, cause);
    }
  }

  #succeeded(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#log.info({ unwritten: this.#unwritten.size }, 'events can be written to disk again');
    // Not awaited by this write, but by close(): each is a write of its own.
    void this.#retryUnwritten();
  }

  #failed(path: string, text: string, cause: Error): void {
    if (!this.#newest.has(path)) this.#unwritten.set(path, text);
    const oldest = this.#unwritten.size > MAX_UNWRITTEN ? this.#unwritten.keys().next().value : undefined;
    if (oldest !== undefined) this.#unwritten.delete(oldest);
    this.#complain(path, cause);
  }

  #complain(path: string, cause: Error): void {
    if (this.#problem === undefined) this.#log.error({ path, cause: messageOf(cause) }, 'an event could not be written to disk');
    this.#problem = `events cannot be written to disk (${codeOf(cause) ?? messageOf(cause)})`;
  }

  async #retryUnwritten(): Promise<void> {
    await Promise.all(Array.from(this.#unwritten, ([path, text]) => this.write(path, text)));
  }

  /** The error of the disk, or undefined. Anything that is not of the disk is a bug and is thrown. */
  async #tryToWrite(path: string, text: string): Promise<Error | undefined> {
    try {
      await this.#guard(dirname(path));
      await writeDurably(path, text);
      return undefined;
    } catch (error) {
      if (error instanceof RetryableError) return error;
      if (codeOf(error) === undefined || !(error instanceof Error)) throw error;
      return error;
    }
  }
}
