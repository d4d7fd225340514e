/**
 * A stretch of film: leased frames in order, without holes. A frame that stands for several intervals (a gap after a
 * reconnect, a frame that was thinned out) is held once with a count, so time stays right and memory does not grow.
 */
import type { RecordFrame } from '../messages/video.ts';

interface Run {
  readonly frame: RecordFrame;
  readonly index: number;
  readonly count: number;
}

export class Reel {
  #runs: Run[] = [];

  /** index of the first frame held; equals `endIndex` while empty */
  get firstIndex(): number {
    return this.#runs[0]?.index ?? 0;
  }

  /** one past the last frame held */
  get endIndex(): number {
    const last = this.#runs.at(-1);
    return last ? last.index + last.count : 0;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** Memory of the pictures that stand at `fromIndex` or later; a repeated one counts once. */
  bytes(fromIndex = -Infinity): number {
    let bytes = 0;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (!run || run.index + run.count <= fromIndex) break;
      bytes += run.frame.data.byteLength;
    }
    return bytes;
  }

  /** Appends a frame and repeats the last one up to it. A frame from before the end is ignored. */
  push(frame: RecordFrame): void {
    if (!this.isEmpty && frame.index < this.endIndex) return;
    this.#extend(frame.index);
    frame.retain();
    this.#runs.push({ frame, index: frame.index, count: 1 });
  }

  /** Appends what another reel holds from `fromIndex` up to, without, `endIndex`. */
  append(other: Reel, { fromIndex, endIndex }: { readonly fromIndex: number; readonly endIndex: number }): void {
    for (const run of other.#overlap(fromIndex, endIndex)) {
      const last = this.#runs.at(-1);
      if (last?.frame === run.frame) {
        this.#extend(run.index + run.count);
      } else {
        run.frame.retain();
        this.#runs.push(run);
      }
    }
  }

  at(index: number): RecordFrame | undefined {
    return this.#run(index)?.frame;
  }

  /** Wall time of the interval `index`, also where a frame is repeated. */
  atMs(index: number, fps: number): number | undefined {
    const run = this.#run(index);
    return run && run.frame.atMs + ((index - run.frame.index) * 1000) / fps;
  }

  /** Media time of the interval `index`, also where a frame is repeated. */
  ptsMs(index: number, fps: number): number | undefined {
    const run = this.#run(index);
    return run && run.frame.ptsMs + ((index - run.frame.index) * 1000) / fps;
  }

  /** The last interval that begins at `ptsMs` or before, by the newest frame; it need not be held. */
  indexOf(ptsMs: number, fps: number): number {
    const newest = this.#runs.at(-1)?.frame;
    const intervals = ((ptsMs - (newest?.ptsMs ?? 0)) * fps) / 1000;
    return (newest?.index ?? 0) + Math.floor(intervals + 1e-6);
  }

  dropBefore(index: number): void {
    while (this.#runs[0] && this.#runs[0].index + this.#runs[0].count <= index) this.#runs.shift()?.frame.release();
    const first = this.#runs[0];
    if (first && first.index < index) {
      this.#runs[0] = { frame: first.frame, index, count: first.index + first.count - index };
    }
  }

  /** Lets go of the oldest picture. */
  dropOldest(): void {
    this.#runs.shift()?.frame.release();
  }

  truncate(endIndex: number): void {
    for (let last = this.#runs.at(-1); last && last.index >= endIndex; last = this.#runs.at(-1)) {
      this.#runs.pop()?.frame.release();
    }
    const last = this.#runs.at(-1);
    if (last && last.index + last.count > endIndex) this.#runs.push({ ...this.#pop(last), count: endIndex - last.index });
  }

  /**
   * Repeats a neighbour in place of every second picture from `fromIndex` on, those that stand for the shortest time first,
   * so that repeated calls thin evenly. Returns how many pictures were let go; 0 when there is nothing to thin.
   */
  thin(fromIndex: number): number {
    const kept = this.#runs.filter((run) => run.index < fromIndex);
    const queued = this.#runs.slice(kept.length);
    if (queued.length < 2) return 0;
    let dropped = 0;
    let thinned: Run[] = [];
    for (let limit = 2 * Math.min(...queued.map(({ count }) => count)); dropped === 0; limit *= 2) {
      thinned = [];
      for (const run of queued) {
        const last = thinned.at(-1);
        if (last && last.count + run.count <= limit) {
          thinned[thinned.length - 1] = { ...last, count: last.count + run.count };
          run.frame.release();
          dropped += 1;
        } else {
          thinned.push(run);
        }
      }
    }
    this.#runs = [...kept, ...thinned];
    return dropped;
  }

  clear(): void {
    for (const { frame } of this.#runs) frame.release();
    this.#runs = [];
  }

  #extend(endIndex: number): void {
    const last = this.#runs.at(-1);
    if (last) this.#runs.push({ ...this.#pop(last), count: endIndex - last.index });
  }

  #pop(last: Run): Run {
    this.#runs.pop();
    return last;
  }

  #run(index: number): Run | undefined {
    const run = this.#runs.findLast((candidate) => candidate.index <= index);
    return run && index < run.index + run.count ? run : undefined;
  }

  #overlap(fromIndex: number, endIndex: number): Run[] {
    const overlap: Run[] = [];
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (!run || run.index + run.count <= fromIndex) break;
      const first = Math.max(run.index, fromIndex);
      const end = Math.min(run.index + run.count, endIndex);
      if (first < end) overlap.unshift({ frame: run.frame, index: first, count: end - first });
    }
    return overlap;
  }
}
