/**
 * Where the frames and packets of each connection lie on the camera's one time axis, and what wall time that is.
 *
 * Within a connection time is counted, never measured: index / fps. A new connection goes on where the monotonic clock says,
 * on the next whole slot, so a loss is a gap in the numbers. The moment of capture is the minimum of arrival − media time on
 * the monotonic clock, which leaks upwards slowly so that a camera whose clock runs slow does not stay in the past. Wall time
 * is that moment by the clock on the wall, which is looked at again when somebody has set it.
 */
import type { Clock } from '../lib/clock.ts';
import type { VideoFormat } from '../messages/video.ts';

/** 1 ms a second: more than any quartz drifts, too little to see. */
const LEAK = 0.001;
/** A clock on the wall that moved by more than this was set; less is its own drift, which would only jitter. */
const CLOCK_STEP_MS = 1000;

export class Axis {
  readonly #clock: Clock;
  #beganNowMs: number | undefined;
  #endPtsMs = 0;
  #format: VideoFormat | undefined;
  #baseSlot: number | undefined;
  #anchorNowMs = Number.POSITIVE_INFINITY;
  #anchorPtsMs = 0;
  /** wall time − monotonic time */
  #wallMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new connection: the next frame decides where it begins. */
  reset(format: VideoFormat): void {
    this.#format = format;
    this.#baseSlot = undefined;
    this.#anchorNowMs = Number.POSITIVE_INFINITY;
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

  /** A packet, by the decoder's own time, whose 0 is that of the frames. The moment of capture is told by pictures, not by sound. */
  packet(mediaMs: number, { isVideo }: { readonly isVideo: boolean }): { ptsMs: number; atMs: number } {
    const ptsMs = (this.#base() * 1000) / this.#formatOrThrow().detect.fps + mediaMs;
    return isVideo ? this.#times(ptsMs) : { ptsMs, atMs: this.#clock.atMs() };
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
    const leakedMs = this.#anchorNowMs + Math.max(0, ptsMs - this.#anchorPtsMs) * LEAK;
    this.#anchorNowMs = Math.min(leakedMs, this.#clock.nowMs() - ptsMs);
    this.#anchorPtsMs = Math.max(this.#anchorPtsMs, ptsMs);
    return { ptsMs, atMs: Math.round(this.#anchorNowMs + ptsMs + this.#wallOffsetMs()) };
  }

  #wallOffsetMs(): number {
    const newestMs = this.#clock.atMs() - this.#clock.nowMs();
    if (this.#wallMs === undefined || Math.abs(newestMs - this.#wallMs) > CLOCK_STEP_MS) this.#wallMs = newestMs;
    return this.#wallMs;
  }
}
