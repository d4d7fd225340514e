/**
 * Tracked frames -> detections.jsonl, appended while the event is open, and the same lines as an array for those who watch.
 * Bounded: so many lines as a clip can be long, so many entries a line.
 */
import { appendFile } from 'node:fs/promises';
import { writeDurably } from '../lib/durable.ts';
import { round, roundedBox } from '../lib/round.ts';
import type { TrackLine } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';

const MAX_ENTRIES = 100;

/** `firstPtsMs`: media time of the clip's first frame. */
export function trackLineOf(frame: TrackedFrame, firstPtsMs: number): TrackLine {
  const rejected = [...frame.rejected].sort((a, b) => b.score - a.score);
  return {
    ptsMs: Math.round(frame.ptsMs - firstPtsMs),
    tracks: frame.tracks
      .filter(({ isSeen, isConfirmed }) => isSeen && isConfirmed)
      .slice(0, MAX_ENTRIES)
      .map(({ id, label, score, box }) => ({ id, label, score: round(score, 3), box: roundedBox(box) })),
    rejected: rejected
      .slice(0, MAX_ENTRIES)
      .map(({ score, box, rule }) => ({ score: round(score, 3), box: roundedBox(box), rule })),
    ...(frame.isSpared === true && { isRepeat: true }),
  };
}

export interface TrackLogOptions {
  readonly path: string;
  readonly maxLines: number;
  /** told once when the file cannot be written; lines are kept in memory all the same */
  readonly onFault: (error: Error) => void;
}

export class TrackLog {
  readonly #options: TrackLogOptions;
  readonly #lines: TrackLine[] = [];
  #unwritten = '';
  #writing: Promise<void> | undefined;

  constructor(options: TrackLogOptions) {
    this.#options = options;
  }

  get lines(): readonly TrackLine[] {
    return this.#lines;
  }

  add(line: TrackLine): void {
    if (this.#lines.length >= this.#options.maxLines) return;
    this.#lines.push(line);
    this.#unwritten += `${JSON.stringify(line)}\n`;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Forgets what lies behind the end of the clip (an event's end is known a little late) and makes the file durable. */
  async close(endMs: number): Promise<void> {
    await this.#writing;
    while ((this.#lines.at(-1)?.ptsMs ?? -Infinity) >= endMs) this.#lines.pop();
    const text = this.#lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await this.#orTell(writeDurably(this.#options.path, text));
  }

  async #write(): Promise<void> {
    while (this.#unwritten !== '') {
      const text = this.#unwritten;
      this.#unwritten = '';
      await this.#orTell(appendFile(this.#options.path, text));
    }
  }

  async #orTell(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
