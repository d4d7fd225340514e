/**
 * Detected frames → what is known of the people in them: tracks, zones, visits. The one chain behind the model, for cameras, films
 * and replays alike. Pure: times are those of the frames.
 */
import type { CameraConfig } from '../config/config.ts';
import { PeopleCounter } from '../event/people-counter.ts';
import { SceneMachine } from '../event/scene-machine.ts';
import { ZoneWatch } from '../event/zone-watch.ts';
import type { DetectedFrame, TrackedFrame } from '../messages/detection.ts';
import type { EndReason, PeopleChange, SceneEvent } from '../messages/scene.ts';
import { Tracker } from '../tracker/tracker.ts';

/** What one frame brought. */
export interface Sight {
  readonly tracked: TrackedFrame;
  /** the newest frame that the model looked at: a picture that it was spared is no evidence */
  readonly looked: TrackedFrame;
  /** … but it shows the same people */
  readonly shown: TrackedFrame;
  readonly events: readonly SceneEvent[];
  readonly people: readonly PeopleChange[];
  readonly isEventOpen: boolean;
}

export class Watch {
  readonly #tracker: Tracker;
  readonly #zones: ZoneWatch;
  readonly #scene: SceneMachine;
  readonly #people = new PeopleCounter();
  #looked: TrackedFrame | undefined;

  /** Without `mintId` events are numbered from 1. */
  constructor({ detect, event }: Pick<CameraConfig, 'detect' | 'event'>, mintId: (atMs: number) => string = counter()) {
    this.#tracker = new Tracker(detect);
    this.#zones = new ZoneWatch(detect);
    this.#scene = new SceneMachine({ event, mintId });
  }

  get isEventOpen(): boolean {
    return this.#scene.openId !== undefined;
  }

  step(frame: DetectedFrame): Sight {
    const tracked = this.#zones.step(this.#tracker.step(frame));
    if (!frame.isSpared || !this.#looked) this.#looked = tracked;
    const looked = this.#looked;
    const shown = looked === tracked ? tracked : { ...tracked, tracks: looked.tracks };
    const events = this.#scene.step(tracked);
    const people = this.#people.step(tracked);
    return { tracked, looked, shown, events, people, isEventOpen: this.isEventOpen };
  }

  /** The camera is there (again): how many people its first picture shows is news. */
  lookAnew(): void {
    this.#people.lookAnew();
  }

  /** No more frames come, or they will be of another picture: everybody leaves, an open event ends at this time. */
  close(reason: EndReason, ptsMs: number): Pick<Sight, 'events' | 'people'> {
    const events = this.#scene.close(reason, ptsMs);
    return { events, people: this.#people.step({ tracks: [], left: this.#tracker.reset() }) };
  }
}

function counter(): () => string {
  let minted = 0;
  return () => String((minted += 1));
}
