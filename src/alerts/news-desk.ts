/**
 * The news of all cameras → alerts on MQTT, event.json, the page. One place gives every alert its number, so that what is
 * published, stored and shown is the same message. An alert goes out first and is written to disk after: a slow disk delays
 * nobody's alert, and an event whose last alert was not written is closed and told again by the next start.
 */
import type { CameraState } from '../camera/camera-state.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { AlertDraft } from '../messages/alert.ts';
import type { CameraStats } from '../messages/camera.ts';
import type { ClipFile, ClipMessage, OpenClip } from '../messages/clip.ts';
import type { EventRecord } from '../messages/event.ts';
import type { Notice } from '../messages/notice.ts';
import type { PeopleChange, SceneEvent } from '../messages/scene.ts';
import type { Feed, SourceState } from '../messages/video.ts';
import type { Desk } from '../camera/pipeline.ts';
import type { AlertBook, BookMessage } from './alert-book.ts';
import type { Publisher } from '../publisher/publisher.ts';
import type { Store } from '../store/store.ts';

export interface NewsDeskOptions {
  readonly book: AlertBook;
  readonly publisher: Publisher;
  readonly store: Store;
  /** tells every open page */
  readonly notify: (notice: Notice) => void;
  readonly cameras: ReadonlyMap<string, CameraState>;
  /** makes room for a recording; rejects where there is none */
  readonly admit?: (camera: string) => Promise<void>;
  /** what the event was recorded with, per camera */
  readonly configHashes: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface ClipFacts {
  readonly feed: Feed;
  readonly files: readonly ClipFile[];
  readonly droppedFrames: number;
}

const NO_FILES: Omit<ClipFacts, 'feed'> = { files: [], droppedFrames: 0 };

export class NewsDesk implements Desk {
  readonly #options: NewsDeskOptions;
  readonly #facts = new Map<string, ClipFacts>();
  /** what each camera is recorded from now */
  readonly #feeds = new Map<string, Feed>();

  constructor(options: NewsDeskOptions) {
    this.#options = options;
  }

  onScene(camera: string, event: SceneEvent): void {
    this.#tell({ camera, event });
    const state = this.#camera(camera);
    if (event.type === 'start') state.onEvent(event.id);
    if (event.type === 'end' && state.view.openEvent === event.id) state.onEvent(undefined);
    if (event.type !== 'update') this.#showCamera(state);
    this.#logScene(camera, event);
  }

  onClip(camera: string, clip: ClipMessage): void {
    if (clip.type === 'snapshot') this.#options.publisher.setSnapshot(camera, clip.jpeg);
    if (clip.type === 'ready' || clip.type === 'failed')
      this.#facts.set(clip.id, { feed: clip.feed, files: clip.files, droppedFrames: clip.droppedFrames });
    this.#tell({ camera, clip });
  }

  onPeople(camera: string, change: PeopleChange): void {
    const { publisher } = this.#options;
    if (change.type === 'left') {
      publisher.personLeft(camera, change.durationMs);
      return;
    }
    const state = this.#camera(camera);
    state.onPerson({ count: change.count, total: change.total });
    publisher.setPersonCount(camera, state.person);
    this.#showCamera(state);
  }

  onSource(camera: string, source: SourceState): void {
    const state = this.#camera(camera);
    if (source.type === 'opened') this.#feeds.set(camera, source.format.feed);
    if (!state.onSource(source, this.#options.clock.atMs())) return;
    this.#publishStatus(state);
    if (source.type === 'opened') this.#options.log.info({ camera }, 'camera online');
  }

  /** What keeps all cameras from being watched; undefined when all is well. */
  onTrouble(reason: string | undefined): void {
    for (const state of this.#options.cameras.values()) {
      if (state.onTrouble(reason, this.#options.clock.atMs())) this.#publishStatus(state);
    }
  }

  onStats(camera: string, stats: CameraStats): void {
    this.#options.publisher.setStats(camera, stats);
  }

  async folder(camera: string, { id, startAtMs }: SceneEvent & { type: 'start' }): Promise<string> {
    const { admit, store } = this.#options;
    await admit?.(camera);
    return await store.create(camera, id, startAtMs);
  }

  attach(id: string, clip: OpenClip): void {
    this.#options.store.attach(id, clip);
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
    const { book, publisher, store, log } = this.#options;
    const hasSnapshot = event.urls.snapshot !== undefined;
    const urls = book.urlsOf(event.id, { hasSnapshot, hasClip: event.type === 'ready' });
    publisher.publish({ ...draft, type: 'end', reason: 'restart', urls: book.urlsOf(event.id, { hasSnapshot, hasClip: false }) });
    const last = publisher.publish({ ...draft, reason: draft.reason ?? 'restart', urls });
    // Retention has looked by now, and may have deleted it: saving would bring back a shell of it.
    if (store.find(event.id)) void store.save(last, { feed, files, droppedFrames: draft.droppedFrames, configHash });
    log.warn({ camera: event.camera, event: event.id, type: event.type }, 'closed an event that the last run left open');
  }

  #tell(message: BookMessage): void {
    for (const draft of this.#options.book.step(message, this.#options.clock.nowMs())) this.#publish(draft);
  }

  #publish(draft: AlertDraft): void {
    const { publisher, store, configHashes } = this.#options;
    const alert = publisher.publish(draft);
    const facts = this.#facts.get(alert.id) ?? { ...NO_FILES, feed: this.#feeds.get(alert.camera) ?? 'frames' };
    if (alert.type === 'ready' || alert.type === 'failed') this.#facts.delete(alert.id);
    // Never rejects: the store reports a disk that refuses, and waits for what is under way when it closes.
    void store.save(alert, { ...facts, configHash: configHashes.get(alert.camera) ?? '' });
  }

  #publishStatus(state: CameraState): void {
    this.#options.publisher.setCameraStatus(state.name, state.status);
    this.#showCamera(state);
  }

  #showCamera(state: CameraState): void {
    this.#options.notify({ type: 'camera', camera: state.view });
  }

  #camera(name: string): CameraState {
    const state = this.#options.cameras.get(name);
    if (!state) throw new Error(`Expected news of a camera of the configuration but received them of "${name}"`);
    return state;
  }

  #logScene(camera: string, event: SceneEvent): void {
    const { log } = this.#options;
    const { id, scene } = event;
    if (event.type === 'start')
      log.info({ camera, event: id, score: Math.round(scene.score * 100) / 100 }, `${scene.label} seen: event started`);
    if (event.type === 'end') log.info({ camera, event: id, people: scene.people, reason: event.reason }, 'event ended');
  }
}
