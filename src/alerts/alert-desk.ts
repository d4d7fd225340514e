/**
 * The visits of all cameras → alerts, and what is kept of each event. One place gives every alert its number, so that what is
 * published, stored and shown is the same message. An alert goes out first and is written to disk after: a slow disk delays
 * nobody's alert, and an event whose last alert was not written is closed and told again by the next start.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Alert, AlertDraft } from '../messages/alert.ts';
import type { ClipFile, ClipMessage } from '../messages/clip.ts';
import type { EventRecord } from '../messages/event.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { Feed } from '../messages/video.ts';
import type { AlertBook, BookMessage } from './alert-book.ts';

/** What event.json says beside the alert. */
export interface EventFacts {
  readonly feed: Feed;
  readonly files: readonly ClipFile[];
  readonly droppedFrames: number;
  readonly configHash: string;
}

/** Where events are kept; the store satisfies it by its shape. */
export interface EventHome {
  find(id: string): EventRecord | undefined;
  /** never rejects: the store reports a disk that refuses, and waits for what is under way when it closes */
  save(alert: Alert, facts: EventFacts): Promise<unknown>;
}

export interface AlertDeskOptions {
  readonly book: AlertBook;
  readonly alerts: { add(draft: AlertDraft): Alert };
  readonly store: EventHome;
  /** what a camera records with now; undefined for one that left */
  readonly recordsWith: (camera: string) => Pick<EventFacts, 'feed' | 'configHash'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

type Untimed = Omit<AlertDraft, 'at'>;
type ClipFacts = Omit<EventFacts, 'configHash'>;

export class AlertDesk {
  readonly #options: AlertDeskOptions;
  readonly #facts = new Map<string, ClipFacts>();

  constructor(options: AlertDeskOptions) {
    this.#options = options;
  }

  onScene(camera: string, event: SceneEvent): void {
    this.#onNews({ camera, event });
    this.#logScene(camera, event);
  }

  onClip(camera: string, clip: ClipMessage): void {
    if (clip.type === 'ready' || clip.type === 'failed')
      this.#facts.set(clip.id, { feed: clip.feed, files: clip.files, droppedFrames: clip.droppedFrames });
    this.#onNews({ camera, clip });
  }

  /** Sends updates that were held back; called about once a second. */
  flush(): void {
    for (const draft of this.#options.book.flush(this.#options.clock.nowMs())) this.#publish(draft);
  }

  /**
   * Tells of an event that a crash left open and the start closed: with numbers and addresses of this run, those of the last
   * one are spent.
   */
  onRecovered(event: EventRecord): void {
    const { v: _v, node: _node, epoch: _epoch, seq: _seq, at: _at, schema: _schema, ...rest } = event;
    const { feed, files, configHash, chain: _chain, protected: _protected, ...draft } = rest;
    const { book, store, log } = this.#options;
    const hasSnapshot = event.urls.snapshot !== undefined;
    const urls = book.urlsOf(event.id, { hasSnapshot, hasClip: event.type === 'ready' });
    this.#tell({ ...draft, type: 'end', reason: 'restart', urls: book.urlsOf(event.id, { hasSnapshot, hasClip: false }) });
    const last = this.#tell({ ...draft, reason: draft.reason ?? 'restart', urls });
    // Retention has looked by now, and may have deleted it: saving would bring back a shell of it.
    if (store.find(event.id)) void store.save(last, { feed, files, droppedFrames: draft.droppedFrames, configHash });
    log.warn({ camera: event.camera, event: event.id, type: event.type }, 'closed an event that the last run left open');
  }

  #onNews(message: BookMessage): void {
    for (const draft of this.#options.book.step(message, this.#options.clock.nowMs())) this.#publish(draft);
  }

  #publish(draft: Untimed): void {
    const { store, recordsWith } = this.#options;
    const alert = this.#tell(draft);
    const { feed = 'frames', configHash = '' } = recordsWith(alert.camera) ?? {};
    const facts = this.#facts.get(alert.id) ?? { feed, files: [], droppedFrames: 0 };
    if (alert.type === 'ready' || alert.type === 'failed') this.#facts.delete(alert.id);
    void store.save(alert, { ...facts, configHash });
  }

  #tell(draft: Untimed): Alert {
    const { alerts, clock } = this.#options;
    return alerts.add({ ...draft, at: new Date(clock.atMs()).toISOString() });
  }

  #logScene(camera: string, event: SceneEvent): void {
    const { log } = this.#options;
    const { id, scene } = event;
    if (event.type === 'start')
      log.info({ camera, event: id, score: Math.round(scene.score * 100) / 100 }, `${scene.label} seen: event started`);
    if (event.type === 'end') log.info({ camera, event: id, people: scene.people, reason: event.reason }, 'event ended');
  }
}
