/**
 * Where each camera, its people and the storage stand → retained topics. News of a camera that was not added, or was forgotten, is
 * dropped: what was cleared at the broker must not come back.
 */
import type { Clock } from '../lib/clock.ts';
import type { CameraStats, CameraStatus, PersonCount } from '../messages/camera.ts';
import type { StorageState } from '../messages/health.ts';
import type { StateTopics } from './state-topics.ts';

/** What of a camera is retained, below its name. */
const CAMERA_TOPICS = ['status', 'person', 'person/snapshot', 'stats'] as const;

export interface StateBoardOptions {
  readonly baseTopic: string;
  readonly topics: StateTopics;
  /** there may be something to send */
  readonly onChange: () => void;
  /** tells those who listen now, and nobody while the broker is away */
  readonly say: (topic: string, payload: string) => void;
  readonly clock: Clock;
}

export class StateBoard {
  readonly #options: StateBoardOptions;
  /** people so far, per camera */
  readonly #totals = new Map<string, number>();

  constructor(options: StateBoardOptions) {
    this.#options = options;
    this.#set('status', 'online');
  }

  /** Announces a camera: offline, and nobody knows who is there, until there is news of it. */
  add(camera: string): void {
    this.#totals.set(camera, 0);
    this.setCameraStatus(camera, { state: 'offline', reason: 'starting', since: this.#nowIso() });
    this.setPersonCount(camera, { count: null, total: 0 });
  }

  /** The camera is gone: its topics are cleared, also those that an earlier run left at the broker. */
  forget(camera: string): void {
    if (!this.#totals.delete(camera)) return;
    for (const topic of CAMERA_TOPICS) this.#set(`${camera}/${topic}`, '');
  }

  setCameraStatus(camera: string, status: CameraStatus): void {
    this.#setOf(camera, 'status', JSON.stringify(status));
  }

  setPersonCount(camera: string, { count, total }: PersonCount): void {
    if (this.#totals.has(camera)) this.#totals.set(camera, total);
    this.#setOf(camera, 'person', JSON.stringify({ count, total }));
  }

  setSnapshot(camera: string, jpeg: Uint8Array): void {
    this.#setOf(camera, 'person/snapshot', Buffer.from(jpeg));
  }

  setStats(camera: string, stats: CameraStats): void {
    this.#setOf(camera, 'stats', JSON.stringify(stats));
  }

  /** How much room there is for clips, for all cameras. */
  setStorage({ state, usedBytes, freeBytes }: StorageState): void {
    this.#set('node/storage', JSON.stringify({ state, usedBytes, freeBytes }));
  }

  /** Said once. */
  personLeft(camera: string, durationMs: number): void {
    const payload = JSON.stringify({ duration: Math.round(durationMs / 100) / 10 });
    this.#options.say(`${this.#options.baseTopic}/${camera}/person/duration`, payload);
  }

  /** Retained state must not go on saying that somebody is there, nor that nobody is. */
  emptyCameras(): void {
    const since = this.#nowIso();
    for (const [camera, total] of this.#totals) {
      this.setPersonCount(camera, { count: null, total });
      this.setCameraStatus(camera, { state: 'offline', reason: 'stopped', since });
    }
  }

  /** The last word. */
  stopped(): void {
    this.#set('status', 'stopped');
  }

  #setOf(camera: string, topic: (typeof CAMERA_TOPICS)[number], payload: string | Buffer): void {
    if (this.#totals.has(camera)) this.#set(`${camera}/${topic}`, payload);
  }

  #set(topic: string, payload: string | Buffer): void {
    const { baseTopic, topics, onChange } = this.#options;
    topics.set(`${baseTopic}/${topic}`, payload);
    onChange();
  }

  #nowIso(): string {
    return new Date(this.#options.clock.atMs()).toISOString();
  }
}
