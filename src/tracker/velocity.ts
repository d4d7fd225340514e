/** Where a box will be: its newest place and a smoothed speed, as long as a straight line is a better guess than the place. Pure. */
import type { Box } from '../messages/video.ts';

/** Weight of the newest movement; the rest keeps what was known (a first-order filter against jitter of the boxes). */
const VELOCITY_GAIN = 0.5;
/** Beyond this a prediction is a guess: the person may have stopped. */
const MAX_PREDICT_MS = 1000;

export class Motion {
  #box: Box;
  #ptsMs: number;
  #vxPerMs = 0;
  #vyPerMs = 0;

  constructor(box: Box, ptsMs: number) {
    this.#box = box;
    this.#ptsMs = ptsMs;
  }

  get box(): Box {
    return this.#box;
  }

  /** When the box was there. */
  get ptsMs(): number {
    return this.#ptsMs;
  }

  predict(ptsMs: number): Box {
    const ms = Math.min(ptsMs - this.#ptsMs, MAX_PREDICT_MS);
    return { ...this.#box, x: this.#box.x + this.#vxPerMs * ms, y: this.#box.y + this.#vyPerMs * ms };
  }

  move(box: Box, ptsMs: number): void {
    const ms = Math.max(1, ptsMs - this.#ptsMs);
    const dx = box.x + box.w / 2 - this.#box.x - this.#box.w / 2;
    const dy = box.y + box.h / 2 - this.#box.y - this.#box.h / 2;
    this.#vxPerMs += VELOCITY_GAIN * (dx / ms - this.#vxPerMs);
    this.#vyPerMs += VELOCITY_GAIN * (dy / ms - this.#vyPerMs);
    this.#box = box;
    this.#ptsMs = ptsMs;
  }
}
