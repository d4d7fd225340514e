/**
 * Samples of a camera -> the same with times that can be believed. ffmpeg hands over the first packets of an RTSP camera without
 * time stamps, dates them by guess and pushes those behind them together (measured: 40, 40, 40, 80 ms for -40, 0, 40, 80).
 * The first five are therefore held until the fifth is there, and those too close to the next are dated back from it. Pure.
 */
const HELD = 5;

export interface Timed {
  readonly dtsMs: number;
}

export class FirstTimes<T extends Timed> {
  readonly #frameMs: number;
  #held: T[] | undefined = [];

  /** `fps`: as the camera says */
  constructor(fps: number) {
    this.#frameMs = 1000 / fps;
  }

  /** What is known now, in order. */
  push(sample: T): readonly T[] {
    if (!this.#held) return [sample];
    this.#held.push(sample);
    return this.#held.length < HELD ? [] : this.end();
  }

  /** Nothing more comes, or enough came. */
  end(): readonly T[] {
    const dated = [...(this.#held ?? [])];
    this.#held = undefined;
    for (let i = dated.length - 2; i >= 0; i -= 1) {
      const [sample, next] = [dated[i], dated[i + 1]];
      const isPushed = sample && next && next.dtsMs - sample.dtsMs < this.#frameMs / 2;
      if (isPushed) dated[i] = { ...sample, dtsMs: next.dtsMs - this.#frameMs };
    }
    return dated;
  }
}
