/** A home for clips whose folders the test chooses. */
import { Bell } from '../../src/lib/bell.ts';
import type { OpenClip } from '../../src/messages/clip.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import type { ClipHome } from '../../src/recorder/clip-home.ts';
import type { Recorder } from '../../src/recorder/recorder.ts';

export class TestHome implements ClipHome {
  /** ids of events that will have no clip */
  readonly without: string[] = [];
  readonly #folders = new Map<string, string | Promise<string>>();
  readonly #clips = new Map<string, OpenClip>();
  readonly #attached = new Bell();

  /** Tells the recorder of a start and waits until its clip is there. */
  async start(recorder: Recorder, event: SceneEvent, folder: string | Promise<string>): Promise<OpenClip> {
    this.#folders.set(event.id, folder);
    recorder.onScene(event);
    await this.#attached.until(() => this.#clips.has(event.id));
    return this.#clips.get(event.id)!;
  }

  async makeFolder({ id }: { id: string }): Promise<string> {
    const folder = await this.#folders.get(id);
    if (folder === undefined) throw new Error('there is no room');
    return folder;
  }

  attach(clip: OpenClip): void {
    this.#clips.set(clip.id, clip);
    this.#attached.ring();
  }

  attachNone(id: string): void {
    this.without.push(id);
  }
}
