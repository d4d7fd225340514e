/**
 * The camera's last raw pictures, leased, without holes in time. Bounded in frames and bytes: the oldest go first. Takers are
 * told of a picture before the bounds are kept; the index up to which one has taken them is its cursor.
 */
import type { RecordFrame } from '../messages/video.ts';
import { Reel } from './reel.ts';
import { type Taker, Takers } from './takers.ts';

export interface FrameRingOptions {
  readonly fps: number;
  readonly maxFrames: number;
  readonly maxBytes: number;
  /** where the camera was away for longer, the film breaks; shorter gaps are filled with the last picture */
  readonly maxGapMs: number;
}

export class FrameRing {
  readonly reel = new Reel();
  readonly #options: FrameRingOptions;
  readonly #takers = new Takers();

  constructor(options: FrameRingOptions) {
    this.#options = options;
  }

  follow(taker: Taker): () => void {
    return this.#takers.add(taker);
  }

  /** Retains what it keeps. */
  add(frame: RecordFrame): void {
    const { fps, maxFrames, maxBytes, maxGapMs } = this.#options;
    const { reel } = this;
    const newestPtsMs = ((reel.endIndex - 1) * 1000) / fps;
    if (!reel.isEmpty && frame.ptsMs - newestPtsMs > maxGapMs) this.clear();
    reel.push(frame);
    this.#takers.added();
    reel.dropBefore(reel.endIndex - maxFrames);
    while (reel.bytes() > maxBytes) reel.dropOldest();
  }

  /** Lets go of everything, once takers were told. */
  clear(): void {
    this.#takers.broke();
    this.reel.clear();
  }
}
