/**
 * Frames that wait for the detection of their slot, so that boxes match. Pure; bounded: a live source loses its oldest whole
 * frames, counted; the source of a file or of stdin is made to wait by whoever owns the queue.
 */
import type { RecordFrame, Track } from '../messages.ts';

export interface DecidedFrame {
  readonly frame: RecordFrame;
  readonly tracks: readonly Track[];
}

interface Decision {
  readonly slot: number;
  readonly tracks: readonly Track[];
  readonly isWanted: boolean;
}

export class FrameQueue {
  readonly #framesPerSlot: number;
  readonly #maxFrames: number;
  readonly #waiting: RecordFrame[] = [];
  #decision: Decision | undefined;
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
      this.#waiting.shift()?.release();
      this.#dropped += 1;
    }
    this.#waiting.push(frame);
  }

  /** What was found in `slot` holds for every frame up to the end of that slot. */
  decide(decision: Decision): void {
    this.#decision = decision;
  }

  /** The next frame whose slot is decided; frames that are not wanted are released on the way. */
  take(): DecidedFrame | undefined {
    for (;;) {
      const frame = this.#waiting[0];
      if (!frame || !this.#decision || Math.floor(frame.index / this.#framesPerSlot) > this.#decision.slot) return undefined;
      this.#waiting.shift();
      if (this.#decision.isWanted) return { frame, tracks: this.#decision.tracks };
      frame.release();
    }
  }

  clear(): void {
    for (const frame of this.#waiting.splice(0)) frame.release();
  }
}
