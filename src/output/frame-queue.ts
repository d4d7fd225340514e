/**
 * Frames that wait for the detection of their slot, so that boxes match. Pure; bounded: a live source loses its oldest whole
 * frames, counted; the source of a file or of stdin is made to wait by whoever owns the queue.
 */
import type { RecordFrame } from '../messages/video.ts';
import type { Annotations } from './annotate.ts';

export interface DecidedFrame extends Annotations {
  readonly frame: RecordFrame;
}

interface Waiting {
  readonly frame: RecordFrame;
  /** of its slot; kept per frame, because a slow reader gets to it many decisions later */
  decision: Decision | undefined;
}

interface Decision extends Annotations {
  readonly slot: number;
  readonly isWanted: boolean;
}

export class FrameQueue {
  readonly #framesPerSlot: number;
  readonly #maxFrames: number;
  readonly #waiting: Waiting[] = [];
  #newest: Decision | undefined;
  #dropped = 0;

  constructor({ framesPerSlot, maxFrames }: { framesPerSlot: number; maxFrames: number }) {
    this.#framesPerSlot = framesPerSlot;
    this.#maxFrames = maxFrames;
  }

  get length(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#maxFrames;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps the frame (it must be retained already). The oldest goes when there is no room. */
  push(frame: RecordFrame): void {
    if (this.isFull) {
      this.#waiting.shift()?.frame.release();
      this.#dropped += 1;
    }
    this.#waiting.push({ frame, decision: this.#newest && this.#covers(this.#newest, frame) ? this.#newest : undefined });
  }

  /** What was found in `slot` holds for every frame up to the end of that slot. */
  decide(decision: Decision): void {
    this.#newest = decision;
    for (const waiting of this.#waiting) {
      if (this.#covers(decision, waiting.frame)) waiting.decision ??= decision;
    }
  }

  /** The next frame whose slot is decided; frames that are not wanted are released on the way. */
  take(): DecidedFrame | undefined {
    for (;;) {
      const { frame, decision } = this.#waiting[0] ?? {};
      if (!frame || !decision) return undefined;
      this.#waiting.shift();
      if (decision.isWanted) return { frame, tracks: decision.tracks, trails: decision.trails };
      frame.release();
    }
  }

  clear(): void {
    for (const { frame } of this.#waiting.splice(0)) frame.release();
  }

  #covers({ slot }: Decision, { index }: RecordFrame): boolean {
    return Math.floor(index / this.#framesPerSlot) <= slot;
  }
}
