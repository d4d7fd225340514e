/** How far a film is, on one line of a terminal; silent where stderr is none. */
import type { Clock } from '../lib/clock.ts';

const EVERY_MS = 200;

export class Progress {
  readonly #stderr: NodeJS.WriteStream;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #name: string;
  #shownMs = 0;

  /** `name`: which film, where there are several */
  constructor({ stderr, clock, name }: { stderr: NodeJS.WriteStream; clock: Clock; name?: string }) {
    this.#name = name === undefined ? '' : `${name}: `;
    this.#stderr = stderr;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  show(ptsMs: number, durationMs: number | undefined): void {
    const nowMs = this.#clock.nowMs();
    if (!this.#stderr.isTTY || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    const speed = ptsMs / Math.max(1, nowMs - this.#startedMs);
    const share = durationMs === undefined ? '' : ` ${Math.min(100, Math.round((ptsMs * 100) / durationMs))} %`;
    const left =
      durationMs === undefined || speed === 0 ? '' : `, ${Math.max(0, Math.round((durationMs - ptsMs) / speed / 1000))} s left`;
    this.#stderr.write(
      `\r\u001B[K${this.#name}analysing${share}: ${(ptsMs / 1000).toFixed(0)} s of film, ${speed.toFixed(1)} × real time${left}`,
    );
  }

  finish(ptsMs: number): void {
    if (!this.#stderr.isTTY) return;
    const seconds = (this.#clock.nowMs() - this.#startedMs) / 1000;
    this.#stderr.write(`\r\u001B[K${this.#name}analysed ${(ptsMs / 1000).toFixed(0)} s of film in ${seconds.toFixed(1)} s\n`);
  }
}
