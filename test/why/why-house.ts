/** What the tests of the why-log share: a camera whose model says what the test wants, in front of the real tracker. */
import { type CameraConfig, configSchema } from '../../src/config/config.ts';
import { SceneMachine } from '../../src/event/scene-machine.ts';
import { answerWhy } from '../../src/why/why-answer.ts';
import { WhyLog } from '../../src/why/why-log.ts';
import { ZoneWatch } from '../../src/event/zone-watch.ts';
import type { DetectedFrame, Detection } from '../../src/messages/detection.ts';
import { Tracker } from '../../src/tracker/tracker.ts';
import type { WhyAnswer } from '../../src/messages/why.ts';

export const SLOT_MS = 200;
/** Local time, because sentences are. */
export const AT_MS = new Date(2026, 10, 20, 14, 2, 0).getTime();

export function seen(score: number, { label = 'person', x = 0.4 }: { label?: string; x?: number } = {}): Detection {
  return { label, score, box: { x, y: 0.2, w: 0.1, h: 0.4 } };
}

export function detected(slot: number, detections: readonly Detection[], isSpared = false): DetectedFrame {
  const ptsMs = slot * SLOT_MS;
  return { slot, ptsMs, atMs: AT_MS + ptsMs, arrivedNowMs: 5000 + ptsMs, isSpared, detections, latencyMs: 30 };
}

interface WhyHouseOptions {
  readonly maxBytes?: number;
  readonly keepMs?: number;
  readonly detect?: Partial<CameraConfig['detect']>;
}

export class WhyHouse {
  readonly log: WhyLog;
  readonly camera: CameraConfig;
  readonly #tracker: Tracker;
  readonly #zones: ZoneWatch;
  readonly #scene: SceneMachine;
  slot = 0;
  dropped = 0;
  #events = 0;

  constructor({ maxBytes = 4_000_000, keepMs = 21_600_000, detect = {} }: WhyHouseOptions = {}) {
    this.camera = configSchema.parse({ cameras: [{ name: 'yard', input: 'x.mp4', detect }] }).cameras[0] as CameraConfig;
    this.#zones = new ZoneWatch(this.camera.detect);
    this.#tracker = new Tracker(this.camera.detect);
    this.#scene = new SceneMachine({ event: this.camera.event, mintId: () => `event${++this.#events}` });
    this.log = new WhyLog({ keepMs, maxBytes }, { atMs: AT_MS - 1000, nowMs: 4000 });
    this.log.onSource({ type: 'opened', format: undefined as never, formatChanged: true }, { atMs: AT_MS, nowMs: 5000 });
  }

  /** One picture after the other; a number is a person of that score, undefined nobody. */
  watch(...pictures: readonly (number | readonly Detection[] | undefined)[]): this {
    for (const picture of pictures) {
      const detections = typeof picture === 'number' ? [seen(picture)] : (picture ?? []);
      this.#step(detected(this.slot++, detections));
    }
    return this;
  }

  repeat(pictures: number): this {
    for (let i = 0; i < pictures; i += 1) this.#step(detected(this.slot++, [], true));
    return this;
  }

  /** Pictures that the model never saw. */
  drop(pictures: number): this {
    this.slot += pictures;
    this.dropped += pictures;
    return this;
  }

  get nowAtMs(): number {
    return AT_MS + this.slot * SLOT_MS;
  }

  ask(options: { fromMs?: number; toMs?: number; atMs?: number; nowAtMs?: number } = {}): WhyAnswer {
    const { fromMs = AT_MS, toMs = this.nowAtMs, nowAtMs = this.nowAtMs } = options;
    const { atMs = toMs } = options;
    return answerWhy(this.log, { camera: this.camera, question: { atMs, fromMs, toMs }, nowAtMs });
  }

  #step(frame: DetectedFrame): void {
    const tracked = this.#zones.step(this.#tracker.step(frame));
    this.log.onPicture(frame, tracked, this.dropped);
    for (const event of this.#scene.step(tracked)) this.log.onScene(event);
  }
}
