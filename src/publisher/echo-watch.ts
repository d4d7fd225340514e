/**
 * Whether alerts are there after they were acknowledged. A broker that speaks 3.1.1 only acknowledges what it then throws away, so
 * each topic is listened to until the first alert of our own came back on it, and no longer.
 */
import { type Clock, pause } from '../lib/clock.ts';
import type { Session } from './session.ts';

const COMES_BACK_WITHIN_MS = 5000;

export interface EchoWatchOptions {
  readonly clock: Clock;
  readonly onHeard: (topic: string) => void;
  readonly onUnheard: (topic: string) => void;
}

export class EchoWatch {
  readonly #options: EchoWatchOptions;
  /** topics on which an alert came back once */
  readonly #heard = new Set<string>();
  /** topics that are listened to, and whether somebody waits already */
  readonly #watched = new Map<string, { isWaiting: boolean }>();
  #over = new AbortController();

  constructor(options: EchoWatchOptions) {
    this.#options = options;
  }

  /** Before something with this mark is published on the topic. */
  watch(session: Session, topic: string, mark: string): void {
    if (session.version === 5 || this.#heard.has(topic) || this.#watched.has(topic)) return;
    this.#watched.set(topic, { isWaiting: false });
    session.listen(topic, (payload) => {
      if (!payload.includes(mark)) return false;
      this.#heard.add(topic);
      this.#watched.delete(topic);
      this.#options.onHeard(topic);
      return true;
    });
  }

  /** The broker has acknowledged something on the topic. */
  acked(topic: string): void {
    const watched = this.#watched.get(topic);
    if (!watched || watched.isWaiting) return;
    watched.isWaiting = true;
    void this.#wait(topic);
  }

  disconnected(): void {
    this.#over.abort();
    this.#over = new AbortController();
    this.#watched.clear();
  }

  async #wait(topic: string): Promise<void> {
    const { signal } = this.#over;
    await pause(this.#options.clock, COMES_BACK_WITHIN_MS, signal);
    if (!signal.aborted && this.#watched.has(topic)) this.#options.onUnheard(topic);
  }
}
