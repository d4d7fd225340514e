/** Clips that are being recorded, and the requests that wait for one. */
import { Bell } from '../lib/bell.ts';
import type { OpenClip } from '../messages/clip.ts';

export class OpenClips {
  readonly #clips = new Map<string, OpenClip>();
  readonly #changed = new Bell();

  get(id: string): OpenClip | undefined {
    return this.#clips.get(id);
  }

  attach(id: string, clip: OpenClip): void {
    this.#clips.set(id, clip);
    this.#changed.ring();
  }

  delete(id: string): void {
    this.#clips.delete(id);
  }

  get ids(): readonly string[] {
    return [...this.#clips.keys()];
  }

  /** Waits until there is a clip or it is known that there will be none; rejects with the signal's reason. */
  async when(id: string, isOver: () => boolean, signal: AbortSignal): Promise<OpenClip | undefined> {
    await this.#changed.until(() => this.#clips.has(id) || isOver(), signal);
    return this.#clips.get(id);
  }

  /** Something is known now that was not. */
  wake(): void {
    this.#changed.ring();
  }
}
