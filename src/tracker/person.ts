/** One person followed through the frames: where they are expected next, and whether the hits confirm them. Pure. */
import type { Box, Detection, Track } from '../messages.ts';

/** Weight of the newest movement; the rest keeps what was known (a first-order filter against jitter of the boxes). */
const VELOCITY_GAIN = 0.5;
const SCORE_GAIN = 0.3;
/** Beyond this a prediction is a guess: the person may have stopped. */
const MAX_PREDICT_MS = 600;

export interface ConfirmRule {
  readonly hits: number;
  readonly window: number;
  readonly startScore: number;
}

export class Person {
  readonly id: number;
  readonly label: string;
  readonly firstSeenPtsMs: number;
  isConfirmed = false;
  #box: Box;
  #score: number;
  #meanScore: number;
  #lastSeenPtsMs: number;
  #vxPerMs = 0;
  #vyPerMs = 0;
  /** of the newest frames, undefined for a miss */
  readonly #scores: (number | undefined)[];

  constructor(id: number, { detection, ptsMs }: { detection: Detection; ptsMs: number }) {
    this.id = id;
    this.label = detection.label;
    this.firstSeenPtsMs = ptsMs;
    this.#lastSeenPtsMs = ptsMs;
    this.#box = detection.box;
    this.#score = detection.score;
    this.#meanScore = detection.score;
    this.#scores = [detection.score];
  }

  get lastSeenPtsMs(): number {
    return this.#lastSeenPtsMs;
  }

  /** Hits in the newest frames, however they score. */
  get hits(): number {
    return this.#scores.filter((score) => score !== undefined).length;
  }

  predict(ptsMs: number): Box {
    const ms = Math.min(ptsMs - this.#lastSeenPtsMs, MAX_PREDICT_MS);
    return { ...this.#box, x: this.#box.x + this.#vxPerMs * ms, y: this.#box.y + this.#vyPerMs * ms };
  }

  hit({ box, score }: Detection, ptsMs: number): void {
    const ms = Math.max(1, ptsMs - this.#lastSeenPtsMs);
    const dx = box.x + box.w / 2 - this.#box.x - this.#box.w / 2;
    const dy = box.y + box.h / 2 - this.#box.y - this.#box.h / 2;
    this.#vxPerMs += VELOCITY_GAIN * (dx / ms - this.#vxPerMs);
    this.#vyPerMs += VELOCITY_GAIN * (dy / ms - this.#vyPerMs);
    this.#box = box;
    this.#score = score;
    this.#meanScore += SCORE_GAIN * (score - this.#meanScore);
    this.#lastSeenPtsMs = ptsMs;
    this.#scores.push(score);
  }

  miss(): void {
    this.#scores.push(undefined);
  }

  /** Looks at the newest frames only. True once, when the hits suffice. */
  confirms({ hits, window, startScore }: ConfirmRule): boolean {
    this.#scores.splice(0, this.#scores.length - window);
    if (this.isConfirmed) return false;
    const scores = this.#scores.filter((score) => score !== undefined);
    if (scores.length < hits) return false;
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    if (mean < startScore) return false;
    this.#meanScore = mean;
    this.isConfirmed = true;
    return true;
  }

  toTrack(ptsMs: number): Track {
    return {
      id: this.id,
      label: this.label,
      score: this.#score,
      meanScore: this.#meanScore,
      box: this.#box,
      isConfirmed: this.isConfirmed,
      isSeen: this.#lastSeenPtsMs === ptsMs,
      firstSeenPtsMs: this.firstSeenPtsMs,
      lastSeenPtsMs: this.#lastSeenPtsMs,
    };
  }
}
