/**
 * SceneEvent + ClipMessage → alerts, in the order `start → live → update → end → ready | failed`. Pure.
 *
 * Two streams meet here and may overtake each other, the alerts may not: `live` is never sent after `end` (a person who left at
 * once), what became of the clip waits for `end`, and with it the event is forgotten. Updates go out on change and at most once
 * a second per event; one that was held back goes with the next step, with `flush`, or inside `live` or `end`.
 * URLs are announced once they answer: page and playlist at once (the server holds that request), the snapshot from `live` on,
 * the clip with `ready`.
 */
import { round, roundedBox } from '../lib/round.ts';
import type { AlertDraft, AlertType, AlertUrls } from '../messages/alert.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { Latencies, Scene, SceneEvent } from '../messages/scene.ts';
import type { Box } from '../messages/video.ts';

export type BookMessage =
  | { readonly camera: string; readonly event: SceneEvent }
  | { readonly camera: string; readonly clip: ClipMessage };

/** An alert that is not yet stamped. */
type Untimed = Omit<AlertDraft, 'at'>;
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
  publishedScene: Scene;
  updatedNowMs: number;
  isLive: boolean;
  hasSnapshot: boolean;
  preRollMs: number | undefined;
  end: EndEvent | undefined;
  outcome: ClipOutcome | undefined;
}

export class AlertBook {
  readonly #baseUrl: string;
  readonly #entries = new Map<string, Entry>();

  /** `publicUrl` is what the addresses in alerts start with; without one they are paths (`/events/…`). */
  constructor(publicUrl?: string) {
    this.#baseUrl = (publicUrl ?? '').replace(/\/+$/, '');
  }

  /** Events that are still to be told of. */
  get size(): number {
    return this.#entries.size;
  }

  /** Messages of events that never started, or are over, lead to nothing. */
  step(message: BookMessage, nowMs: number): Untimed[] {
    const drafts = 'event' in message ? this.#onEvent(message.camera, message.event, nowMs) : this.#onClip(message.clip);
    return [...drafts, ...this.flush(nowMs)];
  }

  /** Updates that were held back and are due by now. */
  flush(nowMs: number): Untimed[] {
    const drafts: Untimed[] = [];
    for (const entry of this.#entries.values()) {
      // `live` comes before the first update and carries what changed until then.
      const isDue = entry.isLive || entry.outcome !== undefined;
      if (!isDue || entry.end || isSame(entry.scene, entry.publishedScene) || nowMs - entry.updatedNowMs < UPDATE_INTERVAL_MS)
        continue;
      entry.updatedNowMs = nowMs;
      drafts.push(this.#draft('update', entry));
    }
    return drafts;
  }

  #onEvent(camera: string, event: SceneEvent, nowMs: number): Untimed[] {
    const entry = this.#entries.get(event.id);
    if (event.type === 'start') {
      return entry ? [] : [this.#draft('start', this.#open(camera, event, nowMs))];
    }
    if (!entry || entry.end) return [];
    entry.scene = rounded(event.scene);
    if (event.type === 'update') return [];
    entry.end = event;
    return [this.#draft('end', entry), ...this.#finish(entry)];
  }

  #onClip(clip: ClipMessage): Untimed[] {
    const entry = this.#entries.get(clip.id);
    if (!entry || entry.outcome) return [];
    if (clip.type === 'snapshot') {
      entry.hasSnapshot = true;
      return [];
    }
    if (clip.type !== 'failed') entry.preRollMs = clip.preRollMs;
    if (clip.type === 'live') {
      if (entry.isLive || entry.end) return [];
      entry.isLive = true;
      return [this.#draft('live', entry)];
    }
    entry.outcome = clip;
    return this.#finish(entry);
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
      publishedScene: scene,
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
  #finish(entry: Entry): Untimed[] {
    if (!entry.end || !entry.outcome) return [];
    this.#entries.delete(entry.start.id);
    return [this.#draft(entry.outcome.type, entry)];
  }

  #draft(type: AlertType, entry: Entry): Untimed {
    const { start, end, scene } = entry;
    entry.publishedScene = scene;
    return {
      type,
      id: start.id,
      camera: entry.camera,
      ...scene,
      startedAt: iso(start.startAtMs),
      ...(end && { endedAt: iso(end.lastSeenAtMs), reason: end.reason }),
      zones: scene.zones ?? [],
      ...(start.continues !== undefined && { continues: start.continues }),
      urls: this.#urls(type, entry),
      ...(entry.preRollMs !== undefined && { preRollMs: Math.round(entry.preRollMs) }),
      ...(type === 'ready' || type === 'failed' ? outcomeFields(entry.outcome) : {}),
      latencyMs: entry.latencyMs,
    };
  }

  #urls(type: AlertType, { start, isLive, end, hasSnapshot }: Entry): AlertUrls {
    return this.urlsOf(start.id, { hasSnapshot: hasSnapshot && (isLive || end !== undefined), hasClip: type === 'ready' });
  }

  /** Addresses of an event, as this run serves them. */
  urlsOf(id: string, { hasSnapshot, hasClip }: { hasSnapshot: boolean; hasClip: boolean }): AlertUrls {
    const folder = `${this.#baseUrl}/events/${id}`;
    return {
      page: `${this.#baseUrl}/#/events/${id}`,
      playlist: `${folder}/index.m3u8`,
      ...(hasSnapshot && { snapshot: `${folder}/snapshot.jpg` }),
      ...(hasClip && { clip: `${folder}/clip.mp4` }),
    };
  }
}

function outcomeFields(outcome: ClipOutcome | undefined): Partial<Untimed> {
  if (!outcome) return {};
  const { droppedFrames } = outcome;
  if (outcome.type === 'failed') return { reason: outcome.reason, droppedFrames };
  const { durationMs, postRollMs, bytes } = outcome;
  return { postRollMs: Math.round(postRollMs), durationMs: Math.round(durationMs), bytes, droppedFrames };
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
