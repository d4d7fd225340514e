/** Clips that are being recorded, events that will have none, and the requests that wait to know which. */
import { Bell } from '../lib/bell.ts';
import type { OpenClip } from '../messages/clip.ts';

export class OpenClips {
  readonly #clips = new Map<string, OpenClip>();
  /** open events of which nothing is recorded */
  readonly #without = new Set<string>();
  readonly #changed = new Bell();

  get(id: string): OpenClip | undefined {
    return this.#clips.get(id);
  }

  attach(id: string, clip: OpenClip): void {
    this.#clips.set(id, clip);
    this.#changed.ring();
  }

  attachNone(id: string): void {
    this.#without.add(id);
    this.#changed.ring();
  }

  /** The event is closed. */
  delete(id: string): void {
    this.#clips.delete(id);
    this.#without.delete(id);
    this.#changed.ring();
  }

  get ids(): readonly string[] {
    return [...this.#clips.keys()];
  }

  /** Waits until there is a clip or it is known that there will be none; rejects with the signal's reason. */
  async when(id: string, isOver: () => boolean, signal: AbortSignal): Promise<OpenClip | undefined> {
    await this.#changed.until(() => this.#clips.has(id) || this.#without.has(id) || isOver(), signal);
    return this.#clips.get(id);
  }
}
