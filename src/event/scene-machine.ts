/**
 * Tracks → scene events of one camera: a state machine without clock or I/O; times are those of the frames.
 *
 * An event starts when a confirmed person is seen, holds everybody who appears while it is open, and ends `postRollMs` after
 * the last person was seen. After `maxDurationMs` with somebody in view it is split; the next part `continues` it on the same
 * frame. Whoever knows that no more frames come says `close`.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Track, TrackedFrame } from '../messages/detection.ts';
import type { EndReason, Scene, SceneEvent } from '../messages/scene.ts';

export interface SceneMachineOptions {
  readonly event: Pick<CameraConfig['event'], 'postRollMs' | 'maxDurationMs'>;
  /** unique and sortable by time */
  readonly mintId: (atMs: number) => string;
}

interface OpenEvent {
  readonly id: string;
  readonly startPtsMs: number;
  readonly people: Set<number>;
  scene: Scene;
  lastSeenPtsMs: number;
  lastSeenAtMs: number;
}

export class SceneMachine {
  readonly #options: SceneMachineOptions;
  #open: OpenEvent | undefined;
  /** where the event before ended: events never overlap */
  #closedPtsMs = Number.NEGATIVE_INFINITY;

  constructor(options: SceneMachineOptions) {
    this.#options = options;
  }

  get openId(): string | undefined {
    return this.#open?.id;
  }

  step(frame: TrackedFrame): SceneEvent[] {
    const seen = frame.tracks.filter((track) => track.isSeen && counts(track));
    if (!this.#open) return seen.length > 0 ? [this.#start(frame, seen)] : [];
    if (seen.length === 0) return this.#stepEmpty(frame, this.#open);
    if (frame.ptsMs - this.#open.startPtsMs >= this.#options.event.maxDurationMs) return this.#split(frame, seen);
    return this.#stepSeen(frame, { open: this.#open, seen });
  }

  /** Ends the open event where it is: the source is gone, or we stop. */
  close(reason: EndReason, ptsMs: number): SceneEvent[] {
    return this.#open ? [this.#end(this.#open, { reason, closePtsMs: ptsMs })] : [];
  }

  /** A faint trace of somebody who stays put goes on with an event, but it begins none. */
  #stepEmpty(frame: TrackedFrame, open: OpenEvent): SceneEvent[] {
    if (frame.tracks.some((track) => track.isHeld === true && counts(track))) {
      open.lastSeenPtsMs = frame.ptsMs;
      open.lastSeenAtMs = frame.atMs;
    }
    const closePtsMs = open.lastSeenPtsMs + this.#options.event.postRollMs;
    if (frame.ptsMs >= closePtsMs) return [this.#end(open, { reason: 'left', closePtsMs })];
    return this.#change(frame, { open, scene: { ...open.scene, count: presentCount(frame) } });
  }

  #stepSeen(frame: TrackedFrame, { open, seen }: { open: OpenEvent; seen: readonly Track[] }): SceneEvent[] {
    open.lastSeenPtsMs = frame.ptsMs;
    open.lastSeenAtMs = frame.atMs;
    for (const { id } of seen) open.people.add(id);
    const best = bestOf(seen);
    const score = Math.max(open.scene.score, best.score);
    const counted = { count: presentCount(frame), people: open.people.size };
    const scene = { label: open.scene.label, score, ...counted, box: best.box, ...zonesOf(seen, open.scene.zones) };
    return this.#change(frame, { open, scene });
  }

  /** An update is worth a message when somebody came or went, or the best score clearly rose; a box that moves is none. */
  #change({ ptsMs }: TrackedFrame, { open, scene }: { open: OpenEvent; scene: Scene }): SceneEvent[] {
    const before = open.scene;
    open.scene = scene;
    const isWorth =
      scene.count !== before.count ||
      scene.people !== before.people ||
      scene.zones?.length !== before.zones?.length ||
      Math.floor(scene.score * 20) > Math.floor(before.score * 20);
    return isWorth ? [{ type: 'update', id: open.id, scene, ptsMs }] : [];
  }

  #start(frame: TrackedFrame, seen: readonly Track[]): SceneEvent {
    // A track may be older than the end of the event before: it was not yet confirmed, or outlived a short post-roll.
    const cameMs = seen.map(({ inZonePtsMs, firstSeenPtsMs }) => inZonePtsMs ?? firstSeenPtsMs);
    const startPtsMs = Math.max(this.#closedPtsMs, Math.min(...cameMs));
    return this.#begin(frame, { seen, startPtsMs });
  }

  #split(frame: TrackedFrame, seen: readonly Track[]): SceneEvent[] {
    if (!this.#open) return [];
    const continues = this.#open.id;
    return [
      this.#end(this.#open, { reason: 'max', closePtsMs: frame.ptsMs }),
      this.#begin(frame, { seen, startPtsMs: frame.ptsMs, continues }),
    ];
  }

  #begin(
    frame: TrackedFrame,
    { seen, startPtsMs, continues }: { seen: readonly Track[]; startPtsMs: number; continues?: string },
  ): SceneEvent {
    const { ptsMs, atMs, arrivedNowMs, latencyMs } = frame;
    const best = bestOf(seen);
    const startAtMs = atMs - (ptsMs - startPtsMs);
    const id = this.#options.mintId(startAtMs);
    const people = new Set(seen.map((track) => track.id));
    const counted = { count: presentCount(frame), people: people.size };
    const scene: Scene = { label: best.label, score: best.score, ...counted, box: best.box, ...zonesOf(seen) };
    this.#open = { id, startPtsMs, people, scene, lastSeenPtsMs: ptsMs, lastSeenAtMs: atMs };
    return {
      type: 'start',
      id,
      scene,
      startPtsMs,
      startAtMs,
      ptsMs,
      ...(continues === undefined ? {} : { continues }),
      latencyMs: { frameToDetect: latencyMs, detectToConfirm: ptsMs - startPtsMs },
      confirmedNowMs: arrivedNowMs + latencyMs,
    };
  }

  #end(open: OpenEvent, { reason, closePtsMs }: { reason: EndReason; closePtsMs: number }): SceneEvent {
    this.#open = undefined;
    this.#closedPtsMs = closePtsMs;
    const { id, lastSeenPtsMs, lastSeenAtMs } = open;
    return {
      type: 'end',
      id,
      scene: { ...open.scene, count: reason === 'left' ? 0 : open.scene.count },
      reason,
      lastSeenPtsMs,
      lastSeenAtMs,
      closePtsMs,
    };
  }
}

/** Confirmed, and in a zone where the camera has zones. */
function counts({ isConfirmed, zones }: Track): boolean {
  return isConfirmed && (zones === undefined || zones.length > 0);
}

/** Zones of those who are seen, after those of before. */
function zonesOf(seen: readonly Track[], before: readonly string[] = []): Pick<Scene, 'zones'> {
  if (seen.every(({ zones }) => zones === undefined)) return {};
  return { zones: [...new Set([...before, ...seen.flatMap(({ zones = [] }) => zones)])] };
}

/** People who count and have not left, whether or not this very frame shows them. */
function presentCount({ tracks }: TrackedFrame): number {
  return tracks.filter(counts).length;
}

function bestOf(tracks: readonly Track[]): Track {
  return tracks.reduce((best, track) => (track.score > best.score ? track : best));
}
