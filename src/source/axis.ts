/**
 * Where the frames of each connection lie on the camera's one time axis, and what wall time that is.
 *
 * Within a connection time is counted, never measured: index / fps. A new connection goes on where the monotonic clock says,
 * on the next whole slot, so a loss is a gap in the numbers. Wall time of a connection is anchored at the minimum of
 * arrival − media time, which leaks upwards slowly so that a camera whose clock runs slow does not stay in the past.
 */
import type { Clock } from '../lib/clock.ts';
import type { VideoFormat } from '../messages.ts';

/** 1 ms a second: more than any quartz drifts, too little to see. */
const LEAK = 0.001;

export class Axis {
  readonly #clock: Clock;
  #beganNowMs: number | undefined;
  #endPtsMs = 0;
  #format: VideoFormat | undefined;
  #baseSlot: number | undefined;
  #anchorAtMs = Number.POSITIVE_INFINITY;
  #anchorPtsMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new connection: the next frame decides where it begins. */
  reset(format: VideoFormat): void {
    this.#format = format;
    this.#baseSlot = undefined;
    this.#anchorAtMs = Number.POSITIVE_INFINITY;
  }

  /** Detection frame `i` of this connection. */
  slot(i: number): { slot: number; ptsMs: number; atMs: number } {
    const { detect } = this.#formatOrThrow();
    const slot = this.#base() + i;
    return { slot, ...this.#times((slot * 1000) / detect.fps) };
  }

  /** Recording frame `i` of this connection. */
  frame(i: number): { index: number; ptsMs: number; atMs: number } {
    const { record, framesPerSlot } = this.#formatOrThrow();
    const index = this.#base() * framesPerSlot + i;
    return { index, ...this.#times((index * 1000) / record.fps) };
  }

  #formatOrThrow(): VideoFormat {
    if (!this.#format) throw new Error('Expected reset(format) before the first frame of a connection');
    return this.#format;
  }

  #base(): number {
    if (this.#baseSlot !== undefined) return this.#baseSlot;
    const nowMs = this.#clock.nowMs();
    this.#beganNowMs ??= nowMs;
    const slotMs = 1000 / this.#formatOrThrow().detect.fps;
    this.#baseSlot = Math.ceil(Math.max(nowMs - this.#beganNowMs, this.#endPtsMs) / slotMs - 1e-6);
    return this.#baseSlot;
  }

  #times(ptsMs: number): { ptsMs: number; atMs: number } {
    this.#endPtsMs = Math.max(this.#endPtsMs, ptsMs + 1);
    const leakedMs = this.#anchorAtMs + Math.max(0, ptsMs - this.#anchorPtsMs) * LEAK;
    this.#anchorAtMs = Math.min(leakedMs, this.#clock.atMs() - ptsMs);
    this.#anchorPtsMs = Math.max(this.#anchorPtsMs, ptsMs);
    return { ptsMs, atMs: Math.round(this.#anchorAtMs + ptsMs) };
  }
}
