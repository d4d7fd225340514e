/**
 * Scene events of one camera -> its recorder, one after the other: an alert goes out at once, but the folder of a clip comes
 * from the disk. An event whose folder cannot be made has failed, and whoever waits for its clip is told.
 */
import { messageOf } from '../lib/errors.ts';
import type { OpenClip } from '../messages/clip.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { Feed } from '../messages/video.ts';
import type { Desk } from './pipeline.ts';
import type { Recorder } from '../recorder/recorder.ts';

export interface ClipOrdersOptions {
  readonly camera: string;
  readonly desk: Desk;
  readonly recorder: Recorder;
  readonly feed: () => Feed;
  readonly onBug: (error: unknown) => void;
}

export class ClipOrders {
  readonly #options: ClipOrdersOptions;
  #done: Promise<void> = Promise.resolve();

  constructor(options: ClipOrdersOptions) {
    this.#options = options;
  }

  add(event: SceneEvent): void {
    this.#done = this.#done.then(async () => await this.#record(event)).catch((error: unknown) => this.#options.onBug(error));
  }

  /** Resolves when the recorder has heard of every event. */
  async settled(): Promise<void> {
    await this.#done;
  }

  async #record(event: SceneEvent): Promise<void> {
    const { camera, desk, recorder, feed } = this.#options;
    if (event.type !== 'start') {
      recorder.handle(event, '');
      return;
    }
    try {
      const clip = recorder.handle(event, await desk.folder(camera, event));
      if (clip) desk.attach(event.id, clip);
    } catch (error) {
      desk.attach(event.id, deadClip(event.id));
      const reason = messageOf(error);
      desk.onClip(camera, { type: 'failed', id: event.id, feed: feed(), reason, files: [], droppedFrames: 0 });
    }
  }
}

/** Stands for the clip of an event whose folder could not be made. */
function deadClip(id: string): OpenClip {
  return { id, folder: '', playlist: () => undefined, whenPlayable: async () => await Promise.resolve(false), tracks: () => [] };
}
