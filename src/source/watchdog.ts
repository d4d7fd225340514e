/**
 * Notices a camera that went silent. ffmpeg's exit code and `-timeout` are not health signals: a frozen camera ends its
 * ffmpeg after about four times the timeout, with code 0 (measured).
 */
import type { Clock } from '../lib/clock.ts';

const FIRST_FRAME_MS = 15_000;
const MIN_SILENCE_MS = 3000;
const CHECK_MS = 250;

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly detectFps: number;
  readonly pipes: number;
  readonly onStall: (sentence: string) => void;
}

export class Watchdog implements Disposable {
  readonly #options: WatchdogOptions;
  readonly #lastNowMs: (number | undefined)[];
  readonly #startedNowMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#lastNowMs = Array<undefined>(options.pipes).fill(undefined);
    this.#startedNowMs = options.clock.nowMs();
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  /** Bytes came out of pipe 0, 1, … */
  beat(pipe: number): void {
    this.#lastNowMs[pipe] = this.#options.clock.nowMs();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const sentence = this.#silence();
    if (sentence === undefined) return;
    clearInterval(this.#timer);
    this.#options.onStall(sentence);
  }

  #silence(): string | undefined {
    const { clock, detectFps } = this.#options;
    const nowMs = clock.nowMs();
    const limitMs = Math.max(MIN_SILENCE_MS, 3000 / detectFps);
    for (const lastNowMs of this.#lastNowMs) {
      if (lastNowMs === undefined && nowMs - this.#startedNowMs > FIRST_FRAME_MS)
        return `sent no picture within ${FIRST_FRAME_MS / 1000} s`;
      if (lastNowMs !== undefined && nowMs - lastNowMs > limitMs)
        return `went silent for ${((nowMs - lastNowMs) / 1000).toFixed(1)} s`;
    }
    return undefined;
  }
}
