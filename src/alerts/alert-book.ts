/**
 * SceneEvent + ClipMessage → what is to be told of an event, in the order `start → live → update → end → ready | failed`. Pure.
 *
 * Two streams meet here and may overtake each other, what is told may not: `live` is never told after `end` (a person who left at
 * once), what became of the clip waits for `end`, and with it the event is forgotten. Updates go out on change and at most once
 * a second per event; one that was held back goes with the next step, with `flush`, or inside `live` or `end`.
 * What is known grows with what can be fetched: the snapshot from `live` on, the clip with `ready`.
 */
import { unanswered } from '../lib/never.ts';
import { round, roundedBox } from '../lib/round.ts';
import type { AlertType } from '../messages/alert.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { EventFacts, EventState } from '../messages/event.ts';
import type { Latencies, Scene, SceneEvent } from '../messages/scene.ts';
import type { Box } from '../messages/video.ts';

export type BookMessage =
  | { readonly camera: string; readonly event: SceneEvent }
  | { readonly camera: string; readonly clip: ClipMessage };

/** An alert to be made, and what is known of its event now. */
export interface Telling {
  readonly type: AlertType;
  readonly event: ToldEvent;
}

/** `feed` is known once the clip is closed; when, and with which settings, is for the desk to say. */
export type ToldEvent = Omit<EventFacts, 'updatedAt' | 'configHash' | 'feed'> & Partial<Pick<EventFacts, 'feed'>>;

type StartEvent = Extract<SceneEvent, { type: 'start' }>;
type EndEvent = Extract<SceneEvent, { type: 'end' }>;
type ClipOutcome = Extract<ClipMessage, { type: 'ready' | 'failed' }>;

const UPDATE_INTERVAL_MS = 1000;

/** What is known of one event that is not over. */
interface Entry {
  readonly camera: string;
  readonly start: StartEvent;
  readonly latencyMs: Latencies;
  scene: Scene;
  toldScene: Scene;
  updatedNowMs: number;
  isLive: boolean;
  hasSnapshot: boolean;
  preRollMs: number | undefined;
  end: EndEvent | undefined;
  outcome: ClipOutcome | undefined;
}

export class AlertBook {
  readonly #entries = new Map<string, Entry>();

  /** Events that are still to be told of. */
  get size(): number {
    return this.#entries.size;
  }

  /** Messages of events that never started, or are over, lead to nothing. */
  step(message: BookMessage, nowMs: number): Telling[] {
    const told = 'event' in message ? this.#onEvent(message.camera, message.event, nowMs) : this.#onClip(message.clip);
    return [...told, ...this.flush(nowMs)];
  }

  /** Updates that were held back and are due by now. */
  flush(nowMs: number): Telling[] {
    const told: Telling[] = [];
    for (const entry of this.#entries.values()) {
      // `live` comes before the first update and carries what changed until then.
      const isDue = entry.isLive || entry.outcome !== undefined;
      if (!isDue || entry.end || isSame(entry.scene, entry.toldScene) || nowMs - entry.updatedNowMs < UPDATE_INTERVAL_MS)
        continue;
      entry.updatedNowMs = nowMs;
      told.push(tell('update', entry));
    }
    return told;
  }

  #onEvent(camera: string, event: SceneEvent, nowMs: number): Telling[] {
    const entry = this.#entries.get(event.id);
    switch (event.type) {
      case 'start':
        return entry ? [] : [tell('start', this.#open(camera, event, nowMs))];
      case 'update':
        if (entry && !entry.end) entry.scene = rounded(event.scene);
        return [];
      case 'end':
        if (!entry || entry.end) return [];
        entry.scene = rounded(event.scene);
        entry.end = event;
        return [tell('end', entry), ...this.#finish(entry)];
      default:
        return unanswered(event);
    }
  }

  #onClip(clip: ClipMessage): Telling[] {
    const entry = this.#entries.get(clip.id);
    if (!entry || entry.outcome) return [];
    switch (clip.type) {
      case 'snapshot':
        entry.hasSnapshot = true;
        return [];
      case 'live':
        entry.preRollMs = clip.preRollMs;
        if (entry.isLive || entry.end) return [];
        entry.isLive = true;
        return [tell('live', entry)];
      case 'ready':
        entry.preRollMs = clip.preRollMs;
        entry.outcome = clip;
        return this.#finish(entry);
      case 'failed':
        entry.outcome = clip;
        return this.#finish(entry);
      default:
        return unanswered(clip);
    }
  }

  #open(camera: string, start: StartEvent, nowMs: number): Entry {
    const scene = rounded(start.scene);
    const entry: Entry = {
      camera,
      start,
      latencyMs: {
        frameToDetect: round(start.latencyMs.frameToDetect, 1),
        detectToConfirm: round(start.latencyMs.detectToConfirm, 1),
        confirmToPublish: round(Math.max(0, nowMs - start.confirmedNowMs), 1),
      },
      scene,
      toldScene: scene,
      updatedNowMs: Number.NEGATIVE_INFINITY,
      isLive: false,
      hasSnapshot: false,
      preRollMs: undefined,
      end: undefined,
      outcome: undefined,
    };
    this.#entries.set(start.id, entry);
    return entry;
  }

  /** What became of the clip, once the event has ended too. */
  #finish(entry: Entry): Telling[] {
    if (!entry.end || !entry.outcome) return [];
    this.#entries.delete(entry.start.id);
    return [tell(entry.outcome.type, entry)];
  }
}

const STATES: Readonly<Record<AlertType, EventState>> = {
  start: 'open',
  live: 'open',
  update: 'open',
  end: 'ended',
  ready: 'ready',
  failed: 'failed',
};

function tell(type: AlertType, entry: Entry): Telling {
  const { start, end, scene, isLive, preRollMs, outcome } = entry;
  entry.toldScene = scene;
  const state = STATES[type];
  const event: ToldEvent = {
    id: start.id,
    camera: entry.camera,
    state,
    ...scene,
    zones: scene.zones ?? [],
    startedAt: iso(start.startAtMs),
    ...(end && { endedAt: iso(end.lastSeenAtMs), reason: end.reason }),
    ...(start.continues !== undefined && { continues: start.continues }),
    latencyMs: entry.latencyMs,
    ...(entry.hasSnapshot && (isLive || end) && { hasSnapshot: true }),
    ...(preRollMs !== undefined && { preRollMs: Math.round(preRollMs) }),
    ...(outcome ? filesOf(outcome) : { files: [], droppedFrames: 0 }),
    ...(outcome?.type === state && clipOf(outcome)),
  };
  return { type, event };
}

function filesOf({ feed, files, droppedFrames }: ClipOutcome): Pick<EventFacts, 'feed' | 'files' | 'droppedFrames'> {
  return { feed, files, droppedFrames };
}

function clipOf(outcome: ClipOutcome): Pick<EventFacts, 'reason' | 'postRollMs' | 'durationMs' | 'bytes'> {
  switch (outcome.type) {
    case 'ready': {
      const { postRollMs, durationMs, bytes } = outcome;
      return { postRollMs: Math.round(postRollMs), durationMs: Math.round(durationMs), bytes };
    }
    case 'failed':
      return { reason: outcome.reason };
    default:
      return unanswered(outcome);
  }
}

/** Digits that mean something: otherwise every alert is twice as long, and noise counts as a change. */
function rounded({ score, box, ...rest }: Scene): Scene {
  return { ...rest, score: round(score, 3), box: roundedBox(box) };
}

function isSame(a: Scene, b: Scene): boolean {
  return (
    a === b ||
    (a.label === b.label &&
      a.score === b.score &&
      a.count === b.count &&
      a.people === b.people &&
      a.zones?.length === b.zones?.length &&
      isSameBox(a.box, b.box))
  );
}

function isSameBox(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
