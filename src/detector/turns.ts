/**
 * Who is next at the detector: cameras take turns, each with one slot where the newest frame wins (`offer`) or with a short
 * queue that makes its source wait (`submit`). No I/O and no clock.
 */
import { Bell } from '../lib/bell.ts';
import { Latest } from '../lib/latest.ts';
import type { DetectedFrame } from '../messages/detection.ts';
import type { DetectFrame, VideoFormat } from '../messages/video.ts';

/** Frames of one complete source between it and the model: one is computed, one is on its way. */
const MAX_QUEUED = 2;

export interface Question {
  readonly frame: DetectFrame;
  readonly format: VideoFormat;
}

export interface Waiting extends Question {
  readonly turn: Turn;
  readonly isComplete: boolean;
}

export class Turns {
  readonly #turns: Turn[] = [];
  #at = 0;

  add(camera: string, onDetected: (frame: DetectedFrame) => void): Turn {
    const turn = new Turn(camera, onDetected);
    this.#turns.push(turn);
    return turn;
  }

  /** Gives back what waits of this camera, and knows it no more. */
  remove(turn: Turn): void {
    turn.clear();
    const i = this.#turns.indexOf(turn);
    if (i < 0) return;
    this.#turns.splice(i, 1);
    // Who was next stays next.
    if (i < this.#at) this.#at -= 1;
  }

  /** Who takes turns. */
  get cameras(): string[] {
    return this.#turns.map(({ camera }) => camera);
  }

  /** The next waiting frame, beginning after the camera that was last. */
  next(): Waiting | undefined {
    for (let i = 0; i < this.#turns.length; i++) {
      const turn = this.#turns[this.#at % this.#turns.length];
      this.#at = (this.#at + 1) % this.#turns.length;
      const waiting = turn?.take();
      if (waiting) return waiting;
    }
    return undefined;
  }

  /** Gives back everything that waits: the detector is closing. */
  clear(): void {
    for (const turn of this.#turns) turn.clear();
  }
}

export class Turn {
  readonly camera: string;
  readonly #onDetected: (frame: DetectedFrame) => void;
  readonly #latest = new Latest<Question>();
  readonly #queue: Question[] = [];
  /** frames that a host took with it, before all others and in their order */
  readonly #again: Question[] = [];
  readonly #retried = new WeakSet<DetectFrame>();
  readonly #changed = new Bell();
  #asked = 0;
  #failed = 0;
  #isClosed = false;

  constructor(camera: string, onDetected: (frame: DetectedFrame) => void) {
    this.camera = camera;
    this.#onDetected = onDetected;
  }

  get dropped(): number {
    return this.#latest.dropped + this.#failed;
  }

  offer(question: Question): void {
    if (this.#isClosed) question.frame.release();
    else this.#latest.put(question)?.frame.release();
  }

  async submit(question: Question): Promise<void> {
    if (this.#isClosed) {
      question.frame.release();
      return;
    }
    this.#queue.push(question);
    await this.#changed.until(() => this.#isClosed || this.#underway < MAX_QUEUED);
  }

  get isIdle(): boolean {
    return this.#underway === 0 && !this.#latest.isFull;
  }

  async drained(): Promise<void> {
    await this.#changed.until(() => this.#isClosed || this.isIdle);
  }

  take(): Waiting | undefined {
    const queued = this.#again.shift() ?? this.#queue.shift();
    const question = queued ?? this.#takeLatest();
    if (!question) return undefined;
    this.#asked += 1;
    return { ...question, turn: this, isComplete: queued !== undefined };
  }

  answer({ frame }: Waiting, detected: DetectedFrame): void {
    this.#asked -= 1;
    frame.release();
    if (!this.#isClosed) this.#onDetected(detected);
    this.#changed.ring();
  }

  /**
   * The host died. A frame of a complete source is asked again, but one that was at the model (`isSuspect`) only once: it may be
   * the one that kills it.
   */
  failed({ frame, format, isComplete }: Waiting, { isSuspect }: { isSuspect: boolean }): void {
    this.#asked -= 1;
    if (isComplete && !this.#isClosed && !(isSuspect && this.#retried.has(frame))) {
      if (isSuspect) this.#retried.add(frame);
      this.#again.push({ frame, format });
    } else {
      this.#failed += 1;
      frame.release();
    }
    this.#changed.ring();
  }

  clear(): void {
    this.#isClosed = true;
    for (const { frame } of [...this.#again.splice(0), ...this.#queue.splice(0)]) frame.release();
    this.#latest.take()?.frame.release();
    this.#changed.ring();
  }

  /** A live camera has one frame at the model at a time: a second one on its way would only grow old. */
  #takeLatest(): Question | undefined {
    return this.#asked === 0 ? this.#latest.take() : undefined;
  }

  /** frames of a complete source that are not answered */
  get #underway(): number {
    return this.#queue.length + this.#again.length + this.#asked;
  }
}
