/**
 * One camera's pictures → what is known of each, asking the model no more often than needed: a repeated picture and one in which
 * nothing moved are answered without it. For those time passes, and they are neither a hit nor a miss. Pictures that have yet to
 * settle are marked. Whoever hears of a frame says what it made of it by `attend`, before the next one is taken.
 *
 * Freshness (`isComplete` false): the newest picture wins at the detector, and the gate knows what was answered so far.
 * Completeness: every picture is answered, in order, and the gate decides when the answer to the one before is known, so that
 * two runs decide alike.
 */
import type { CameraConfig } from '../config/config.ts';
import { Settling } from './settling.ts';
import type { DetectedFrame, DetectorFeed, TrackedFrame } from '../messages/detection.ts';
import type { DetectFrame, VideoFormat } from '../messages/video.ts';
import { attentionOf } from './attention.ts';
import { type Attention, MotionGate } from './motion-gate.ts';

export interface FrameGateOptions {
  readonly camera: Pick<CameraConfig, 'name' | 'detect' | 'event'>;
  readonly detector: {
    feed(camera: string, onDetected: (frame: DetectedFrame) => void, labels: readonly string[]): DetectorFeed;
  };
  readonly isComplete: boolean;
  readonly onDetected: (frame: DetectedFrame) => void;
  /**
   * Completeness only: the model looks at every picture, and what it sees comes here; `onDetected` is told what the gate would
   * have let it see. So that other settings, which would have made the gate decide otherwise, can be judged by the same run.
   */
  readonly onUngated?: (frame: DetectedFrame) => void;
}

/** What is known of the people in front of the camera. */
export interface Attended {
  /** the newest frame that the model looked at */
  readonly looked: TrackedFrame;
  readonly isEventOpen: boolean;
}

/** Pictures that were not repeats: how many came, and how many of them the model was spared. */
export interface GateCounts {
  readonly pictures: number;
  readonly spared: number;
}

/** Share of the pictures that the model was spared, 0…1; since `before`, or since the start. */
export function savedShare({ pictures, spared }: GateCounts, before: GateCounts = { pictures: 0, spared: 0 }): number {
  const share = (spared - before.spared) / Math.max(1, pictures - before.pictures);
  return Math.round(share * 1000) / 1000;
}

export class FrameGate {
  readonly #options: FrameGateOptions;
  readonly #feed: DetectorFeed;
  readonly #rules: CameraConfig['detect']['gate'];
  readonly #settling: Settling;
  #format: VideoFormat | undefined;
  #motion: MotionGate | undefined;
  #attention: Attention = { level: 'empty', boxes: [] };
  /** at the model although the gate would have spared it */
  readonly #sparedSlots = new Set<number>();
  #askedSlot = -1;
  #answeredSlot = -1;
  #pictures = 0;
  #spared = 0;
  #isClosed = false;
  /** completeness: over when the newest picture is at the model, or was answered without it */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: FrameGateOptions) {
    const { camera, detector } = options;
    this.#options = options;
    this.#feed = detector.feed(camera.name, (frame) => this.#onAnswer(frame), camera.detect.labels);
    // An event must not close between two looks at somebody who stands still.
    const heartbeatMs = Math.min(camera.detect.gate.heartbeatMs, camera.event.postRollMs / 2);
    this.#settling = new Settling(camera.event);
    this.#rules = { ...camera.detect.gate, heartbeatMs };
  }

  get counts(): GateCounts {
    return { pictures: this.#pictures, spared: this.#spared };
  }

  /** Frames that a newer one displaced at the detector, or that died with its host. */
  get dropped(): number {
    return this.#feed.dropped;
  }

  /** A camera was lost and is back: its first pictures are not to be trusted. */
  cameBack(): void {
    this.#settling.cameBack();
  }

  /** A connection begins. What each part of the picture does by itself stays known while the format stays. */
  open(format: VideoFormat, formatChanged: boolean): void {
    this.#format = format;
    if (!formatChanged) this.#motion?.restart();
    else this.#motion = this.#rules.enabled ? MotionGate.for(format.detect, this.#rules) : undefined;
  }

  /** Takes over the lease. A promise asks the source to wait. */
  take(frame: DetectFrame): void | Promise<void> {
    if (!this.#options.isComplete) {
      this.#takeNewest(frame);
      return;
    }
    const before = this.#turn;
    this.#turn = before.then(async () => await this.#takeInTurn(frame));
    return before;
  }

  /** What those behind the model know by now; it decides how closely the next pictures are looked at. */
  attend({ looked, isEventOpen }: Attended): void {
    this.#attention = attentionOf(looked, { isEventOpen });
  }

  /** Resolves when every picture taken so far was answered. */
  async drained(): Promise<void> {
    await this.#turn;
    await this.#feed.drained();
  }

  /** From now on pictures are released unseen, and nothing more is answered. */
  close(): void {
    this.#isClosed = true;
    this.#feed.close();
  }

  /** While the model is busy with a frame before, the next one passes unanswered: answers stay in order. */
  #takeNewest(frame: DetectFrame): void {
    if (this.#isClosed) frame.release();
    else if (this.#decide(frame)) this.#feed.offer(frame, this.#formatOrThrow());
    else if (this.#feed.isIdle) this.#spare(frame);
    else frame.release();
  }

  async #takeInTurn(frame: DetectFrame): Promise<void> {
    if (frame.isRepeat || this.#motion) await this.#feed.drained();
    if (this.#isClosed) frame.release();
    else if (this.#decide(frame)) await this.#feed.submit(frame, this.#formatOrThrow());
    else if (this.#options.onUngated && !frame.isRepeat) {
      this.#sparedSlots.add(frame.slot);
      await this.#feed.submit(frame, this.#formatOrThrow());
    } else this.#spare(frame);
  }

  #decide(frame: DetectFrame): boolean {
    this.#settling.look(frame, this.#formatOrThrow().detect);
    if (frame.isRepeat) return false;
    this.#pictures += 1;
    const isLook = this.#motion === undefined || this.#motion.step(frame, this.#attentionNow()).look !== undefined;
    if (isLook) this.#askedSlot = frame.slot;
    else this.#spared += 1;
    return isLook;
  }

  /** The frame that the gate compares with died at the model: nobody saw what is in it. */
  #attentionNow(): Attention {
    const isLost = this.#feed.isIdle && this.#answeredSlot < this.#askedSlot;
    return isLost ? { ...this.#attention, level: 'undecided' } : this.#attention;
  }

  #spare(frame: DetectFrame): void {
    const unseen = unseenOf(frame);
    frame.release();
    this.#tell(unseen);
  }

  #onAnswer(frame: DetectedFrame): void {
    this.#answeredSlot = frame.slot;
    const isSpared = this.#sparedSlots.delete(frame.slot);
    if (!this.#isClosed) this.#tell(isSpared ? unseenOf(frame) : frame, frame);
  }

  #tell(frame: DetectedFrame, ungated = frame): void {
    const isUnsettled = this.#settling.isUnsettled(frame.ptsMs);
    this.#options.onUngated?.(isUnsettled ? { ...ungated, isUnsettled } : ungated);
    this.#options.onDetected(isUnsettled ? { ...frame, isUnsettled } : frame);
  }

  #formatOrThrow(): VideoFormat {
    if (!this.#format) throw new Error('Expected a format before the first frame');
    return this.#format;
  }
}

/** Time passes, and nobody looked. */
function unseenOf({ slot, ptsMs, atMs, arrivedNowMs }: DetectFrame | DetectedFrame): DetectedFrame {
  return { slot, ptsMs, atMs, arrivedNowMs, isSpared: true, detections: [], latencyMs: 0 };
}
