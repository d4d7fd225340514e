/**
 * Once a second: updates that were held back, what the disk refused, the state of the detector, frames that were dropped; once a
 * minute: the figures of every camera, and what nobody was alerted to.
 */
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { type CameraCounters, statsOf } from '../camera/camera-figures.ts';
import type { Detector } from '../detector/detector.ts';
import type { Logger } from '../lib/log.ts';
import type { CandidateLog } from '../store/past/candidate-log.ts';
import type { StorageKeeper } from '../store/retention/keeper.ts';
import type { Store } from '../store/store.ts';
import type { Camera } from './cameras.ts';
import type { NewsDesk } from './news-desk.ts';

const TICK_MS = 1000;
const STATS_EVERY_TICKS = 60;

export interface HeartbeatParts {
  readonly cameras: Iterable<Camera>;
  readonly alerts: Pick<AlertDesk, 'flush'>;
  readonly news: Pick<NewsDesk, 'onTrouble' | 'onStats'>;
  readonly store: Pick<Store, 'retry'>;
  readonly keeper: Pick<StorageKeeper, 'tick'>;
  readonly detector: Pick<Detector, 'health'>;
  readonly candidates: Pick<CandidateLog, 'flush'>;
  readonly log: Logger;
}

export class Heartbeat implements Disposable {
  readonly #parts: HeartbeatParts;
  readonly #timer: NodeJS.Timeout;
  /** as read at the last tick, and at the last minute */
  readonly #drops = new WeakMap<Camera, number>();
  readonly #minutes = new WeakMap<Camera, CameraCounters>();
  #ticks = 0;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { cameras, alerts, store, keeper, candidates } = this.#parts;
    this.#ticks += 1;
    alerts.flush();
    store.retry();
    keeper.tick();
    const isMinute = this.#ticks % STATS_EVERY_TICKS === 0;
    if (isMinute) candidates.flush();
    for (const camera of cameras) this.#look(camera, isMinute);
  }

  #look(camera: Camera, isMinute: boolean): void {
    const { news, detector, log } = this.#parts;
    const { isRunning, reason, flaw } = detector.health;
    news.onTrouble(camera, isRunning ? flaw : `the detector is being restarted: ${reason ?? ''}`);
    const { counters } = camera.pipeline.figures;
    const drops = counters.drops - (this.#drops.get(camera) ?? 0);
    if (drops > 0) log.warn({ camera: camera.name, drops }, 'frames dropped within a second: the machine does not keep up');
    this.#drops.set(camera, counters.drops);
    if (!isMinute) return;
    news.onStats(camera, statsOf(counters, { before: this.#minutes.get(camera), elapsedMs: STATS_EVERY_TICKS * TICK_MS }));
    this.#minutes.set(camera, counters);
  }
}
