/**
 * One person followed through the frames: where they are expected next, and whether the hits confirm them. Pure.
 *
 * A *hit* is a detection of at least minScore. A *trace* is a weaker one where a confirmed person is expected: it moves the box
 * and keeps the number, but it confirms nobody.
 */
import type { Detection, Track } from '../messages/detection.ts';
import type { Box } from '../messages/video.ts';
import { Motion } from './velocity.ts';

const SCORE_GAIN = 0.3;

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
  readonly #motion: Motion;
  #score: number;
  #sharpness: number | undefined;
  #meanScore: number;
  #lastSeenPtsMs: number;
  /** of the newest frames, undefined for a miss */
  readonly #scores: (number | undefined)[];

  constructor(id: number, { detection, ptsMs }: { detection: Detection; ptsMs: number }) {
    this.id = id;
    this.label = detection.label;
    this.firstSeenPtsMs = ptsMs;
    this.#lastSeenPtsMs = ptsMs;
    this.#motion = new Motion(detection.box, ptsMs);
    this.#score = detection.score;
    this.#sharpness = detection.sharpness;
    this.#meanScore = detection.score;
    this.#scores = [detection.score];
  }

  /** Newest hit. */
  get lastSeenPtsMs(): number {
    return this.#lastSeenPtsMs;
  }

  /** Newest hit or trace. */
  get lastTracePtsMs(): number {
    return this.#motion.ptsMs;
  }

  /** Where they were last. */
  get box(): Box {
    return this.#motion.box;
  }

  /** Hits in the newest frames, however they score. */
  get hits(): number {
    return this.#scores.filter((score) => score !== undefined).length;
  }

  predict(ptsMs: number): Box {
    return this.#motion.predict(ptsMs);
  }

  hit({ box, score, sharpness }: Detection, ptsMs: number): void {
    this.#motion.move(box, ptsMs);
    this.#score = score;
    this.#sharpness = sharpness;
    this.#meanScore += SCORE_GAIN * (score - this.#meanScore);
    this.#lastSeenPtsMs = ptsMs;
    this.#scores.push(score);
  }

  trace({ box }: Detection, ptsMs: number): void {
    this.#motion.move(box, ptsMs);
    this.#scores.push(undefined);
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
      box: this.#motion.box,
      ...(this.#sharpness !== undefined && { sharpness: this.#sharpness }),
      isConfirmed: this.isConfirmed,
      isSeen: this.#lastSeenPtsMs === ptsMs,
      ...(this.lastTracePtsMs === ptsMs && this.#lastSeenPtsMs !== ptsMs && { isHeld: true }),
      firstSeenPtsMs: this.firstSeenPtsMs,
      lastSeenPtsMs: this.#lastSeenPtsMs,
    };
  }
}
