/** Detected frames → scene events, by tracker and event machine alone: what a setting would have made of the same film. */
import { Watch } from '../camera/watch.ts';
import type { CameraConfig } from '../config/config.ts';
import { unanswered } from '../lib/never.ts';
import type { DetectedFrame, TrackedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { SeenEvent } from '../score/judge.ts';

type Rules = Pick<CameraConfig, 'detect' | 'event'>;

/** Parts of a split event come back as one. */
export function replay(frames: Iterable<DetectedFrame>, rules: Rules): SeenEvent[] {
  const watch = new Watch(rules);
  const sights = new Sights();
  let lastPtsMs = 0;
  for (const frame of frames) {
    const { events, tracked } = watch.step(frame);
    sights.add(events, tracked);
    lastPtsMs = frame.ptsMs;
  }
  sights.add(watch.close('source', lastPtsMs).events);
  return sights.events;
}

interface OpenSight {
  readonly startMs: number;
  readonly confirmedMs: number;
  readonly sightingsMs: number[];
  readonly ids: Set<number>;
  endMs: number;
}

class Sights {
  readonly #events: OpenSight[] = [];
  #isOpen = false;

  get events(): SeenEvent[] {
    return this.#events.map(({ ids, ...event }) => ({ ...event, people: ids.size }));
  }

  /** `tracked`: the frame these events came of. */
  add(events: readonly SceneEvent[], tracked?: TrackedFrame): void {
    for (const event of events) this.#take(event);
    const open = this.#events.at(-1);
    if (!this.#isOpen || !open || !tracked) return;
    const seen = tracked.tracks.filter(({ isConfirmed, isSeen, zones }) => isConfirmed && isSeen && zones?.length !== 0);
    if (seen.length === 0) return;
    for (const { id } of seen) open.ids.add(id);
    if (open.sightingsMs.at(-1) !== tracked.ptsMs) open.sightingsMs.push(tracked.ptsMs);
    open.endMs = tracked.ptsMs;
  }

  #take(event: SceneEvent): void {
    switch (event.type) {
      case 'start':
        return this.#begin(event);
      case 'update':
        return;
      case 'end':
        this.#isOpen = false;
        return;
      default:
        unanswered(event);
    }
  }

  #begin({ continues, startPtsMs, ptsMs }: Extract<SceneEvent, { type: 'start' }>): void {
    this.#isOpen = true;
    if (continues !== undefined && this.#events.length > 0) return;
    this.#events.push({ startMs: startPtsMs, confirmedMs: ptsMs, endMs: ptsMs, sightingsMs: [startPtsMs], ids: new Set() });
  }
}
