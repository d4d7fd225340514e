/**
 * The wall clock as retention sees it, and `clock.json`, which remembers it over restarts. Written at a leap, once an hour and at the
 * end: nothing is written every minute while nothing happens.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../lib/bounded-json.ts';
import type { Clock } from '../../lib/clock.ts';
import { writeDurably } from '../../lib/durable.ts';
import { readIfFit } from '../../lib/plain-file.ts';
import { MAX_NOTE_BYTES } from '../../media/file-bounds.ts';
import { type ClockMemory, readClock } from './clock-trust.ts';

const NAME = 'clock.json';
const WRITE_EVERY_MS = 3_600_000;

const memory = z.object({
  trustedAtMs: z.number(),
  doubt: z.object({ atMs: z.number(), steadyMs: z.number() }).optional(),
});

export class WallClock {
  readonly #path: string;
  readonly #clock: Clock;
  #memory: ClockMemory;
  #readNowMs: number;
  #writtenNowMs = Number.NEGATIVE_INFINITY;
  #wasInDoubt = false;

  static async open(dir: string, clock: Clock): Promise<WallClock> {
    const path = join(dir, NAME);
    return new WallClock(path, { clock, before: await readMemory(path) });
  }

  private constructor(path: string, { clock, before }: { clock: Clock; before: ClockMemory | undefined }) {
    this.#path = path;
    this.#clock = clock;
    this.#readNowMs = clock.nowMs();
    this.#memory = readClock(before, { atMs: clock.atMs(), elapsedMs: 0, isStart: true });
  }

  get isInDoubt(): boolean {
    return this.#memory.doubt !== undefined;
  }

  /** Wall time, or undefined while it is in doubt. */
  read(): number | undefined {
    const nowMs = this.#clock.nowMs();
    const atMs = this.#clock.atMs();
    this.#memory = readClock(this.#memory, { atMs, elapsedMs: nowMs - this.#readNowMs });
    this.#readNowMs = nowMs;
    return this.isInDoubt ? undefined : atMs;
  }

  /** Writes it down where it is time to. Rejects with the error of the disk. */
  async remember({ isLast = false } = {}): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (!isLast && nowMs - this.#writtenNowMs < WRITE_EVERY_MS && this.isInDoubt === this.#wasInDoubt) return;
    await writeDurably(this.#path, `${JSON.stringify(this.#memory)}\n`);
    this.#writtenNowMs = nowMs;
    this.#wasInDoubt = this.isInDoubt;
  }
}

/** Undefined where there is none that can be read: the clock is then believed. */
async function readMemory(path: string): Promise<ClockMemory | undefined> {
  const text = (await readIfFit(path, MAX_NOTE_BYTES)) ?? '';
  return memory.safeParse(parseJson(text)).data as ClockMemory | undefined;
}
