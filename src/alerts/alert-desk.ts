/**
 * The visits of all cameras → what is known of each event, and the alert that tells of it: of one moment, so that what is published,
 * stored and shown agrees. An alert goes out first and the event is written to disk after: a slow disk delays nobody's alert, and an
 * event that was not written as closed is closed and told again by the next start.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { unanswered } from '../lib/never.ts';
import type { Alert, AlertDraft, AlertType } from '../messages/alert.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { EventFacts, EventRecord } from '../messages/event.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { AlertBook, Telling } from './alert-book.ts';
import { alertOf } from './alert-of.ts';

/** Where events are kept; the store satisfies it by its shape. */
export interface EventHome {
  /** never rejects: the store reports a disk that refuses, and waits for what is under way when it closes */
  save(event: EventFacts): Promise<unknown>;
}

export interface AlertDeskOptions {
  readonly book: AlertBook;
  readonly alerts: { add(draft: AlertDraft): Alert };
  /** what addresses in alerts begin with; without one they are paths (`/events/…`) */
  readonly baseUrl: string | undefined;
  readonly store: EventHome;
  /** what a camera records with now; undefined for one that left */
  readonly recordsWith: (camera: string) => Pick<EventFacts, 'feed' | 'configHash'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class AlertDesk {
  readonly #options: AlertDeskOptions;

  constructor(options: AlertDeskOptions) {
    this.#options = options;
  }

  onScene(camera: string, event: SceneEvent): void {
    this.#onTold(this.#options.book.step({ camera, event }, this.#options.clock.nowMs()));
    this.#logScene(camera, event);
  }

  onClip(camera: string, clip: ClipMessage): void {
    this.#onTold(this.#options.book.step({ camera, clip }, this.#options.clock.nowMs()));
  }

  /** Sends updates that were held back; called about once a second. */
  flush(): void {
    this.#onTold(this.#options.book.flush(this.#options.clock.nowMs()));
  }

  /** Tells of an event that a crash left open and the start closed, from what is on disk: it is not saved again. */
  onRecovered(record: EventRecord): void {
    const at = this.#nowIso();
    const { id, camera, state, reason = 'restart' } = record;
    const type = state === 'ready' ? 'ready' : 'failed';
    this.#tell({ ...record, reason: 'restart' }, 'end', at);
    this.#tell({ ...record, reason }, type, at);
    this.#options.log.warn({ camera, event: id, type }, 'closed an event that the last run left open');
  }

  #onTold(tellings: readonly Telling[]): void {
    const { recordsWith, store } = this.#options;
    for (const { type, event } of tellings) {
      const at = this.#nowIso();
      const { feed = 'frames', configHash = '' } = recordsWith(event.camera) ?? {};
      const facts: EventFacts = { feed, configHash, ...event, updatedAt: at };
      this.#tell(facts, type, at);
      void store.save(facts);
    }
  }

  #tell(event: EventFacts, type: AlertType, at: string): void {
    const { alerts, baseUrl } = this.#options;
    alerts.add(alertOf(event, { type, at, baseUrl }));
  }

  #logScene(camera: string, event: SceneEvent): void {
    const { log } = this.#options;
    const { id, scene } = event;
    switch (event.type) {
      case 'start':
        log.info({ camera, event: id, score: Math.round(scene.score * 100) / 100 }, `${scene.label} seen: event started`);
        return;
      case 'update':
        return;
      case 'end':
        log.info({ camera, event: id, people: scene.people, reason: event.reason }, 'event ended');
        return;
      default:
        unanswered(event);
    }
  }

  #nowIso(): string {
    return new Date(this.#options.clock.atMs()).toISOString();
  }
}
