/** Detected frames → tracks and scene events, as a camera's pipeline makes them, for films and replays: no recorder, no alerts. */
import type { CameraConfig } from '../config/config.ts';
import { SceneMachine } from '../event/scene-machine.ts';
import { ZoneWatch } from '../event/zone-watch.ts';
import type { Outcome } from '../gate/frame-gate.ts';
import type { DetectedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';
import { Tracker } from '../tracker/tracker.ts';

export class Watch {
  readonly #tracker: Tracker;
  readonly #zones: ZoneWatch;
  readonly #scene: SceneMachine;
  #minted = 0;

  constructor({ detect, event }: Pick<CameraConfig, 'detect' | 'event'>) {
    this.#tracker = new Tracker(detect);
    this.#zones = new ZoneWatch(detect);
    this.#scene = new SceneMachine({ event, mintId: () => String((this.#minted += 1)) });
  }

  step(frame: DetectedFrame): Outcome & { readonly events: readonly SceneEvent[] } {
    const tracked = this.#zones.step(this.#tracker.step(frame));
    const events = this.#scene.step(tracked);
    return { tracked, events, isEventOpen: this.#scene.openId !== undefined };
  }

  /** No more frames come. */
  close(ptsMs: number): SceneEvent[] {
    return this.#scene.close('source', ptsMs);
  }
}
