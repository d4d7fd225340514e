/** Clips that are being recorded, and the requests that wait for one. */
import type { OpenClip } from '../messages/clip.ts';

export class OpenClips {
  readonly #clips = new Map<string, OpenClip>();
  readonly #waiting = new Set<() => void>();

  get(id: string): OpenClip | undefined {
    return this.#clips.get(id);
  }

  attach(id: string, clip: OpenClip): void {
    this.#clips.set(id, clip);
    this.wake();
  }

  delete(id: string): void {
    this.#clips.delete(id);
  }

  get ids(): readonly string[] {
    return [...this.#clips.keys()];
  }

  /** Waits until there is a clip or it is known that there will be none; rejects with the signal's reason. */
  async when(id: string, isOver: () => boolean, signal: AbortSignal): Promise<OpenClip | undefined> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#clips.has(id) || isOver()) return this.#clips.get(id);
      await this.#change(signal);
    }
  }

  /** Something is known now that was not. */
  wake(): void {
    for (const settle of this.#waiting) settle();
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((done) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        done();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }
}
