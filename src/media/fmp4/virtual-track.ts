/**
 * Runs of fragments → the samples of one track of a plain MP4, on one time line: a hole lengthens the sample before it, and
 * what would go back in time follows at once. Pure bookkeeping; bytes stay where they are.
 */
import type { Box } from './boxes.ts';
import { type Run, sum } from './runs.ts';
import type { InitTrack } from './tracks.ts';
import { makeBox } from './write.ts';

/** Samples whose bytes follow each other in the file to be. */
interface Chunk {
  /** from the start of the media data */
  readonly at: number;
  readonly endsAt: number;
  readonly samples: number;
  readonly descriptionIndex: number;
}

/** More samples than this in a chunk make players read ahead too far. */
const MAX_CHUNK_SAMPLES = 64;

export class VirtualTrack {
  readonly source: InitTrack;
  readonly descriptions: Buffer[] = [];
  readonly chunks: Chunk[] = [];
  /** of each sample: decode time, bytes, composition offset */
  readonly startTicks: number[] = [];
  readonly bytes: number[] = [];
  readonly offsetTicks: number[] = [];
  /** numbers of sync samples, from 1 */
  readonly syncSamples: number[] = [];
  #endTicks = 0;
  #firstShownTicks = Infinity;
  #lastShownTicks = 0;

  constructor(source: InitTrack) {
    this.source = source;
  }

  get ticksPerSecond(): number {
    return this.source.ticksPerSecond;
  }

  get samples(): number {
    return this.startTicks.length;
  }

  get firstTicks(): number {
    return this.startTicks[0] ?? 0;
  }

  /** where the last sample ends */
  get endTicks(): number {
    return this.#endTicks;
  }

  /** Of the media: what is shown first begins, and what is shown last ends. They differ from decode times where pictures are reordered. */
  get shownTicks(): { readonly from: number; readonly to: number } {
    return { from: Math.min(this.#firstShownTicks, this.#lastShownTicks), to: this.#lastShownTicks };
  }

  /** `at`: where its bytes will stand; `shiftS` is added to its time. `init` is the track by which the run was written. */
  add(run: Run, { init, at, shiftS }: { readonly init: InitTrack; readonly at: number; readonly shiftS: number }): void {
    const scale = this.ticksPerSecond / init.ticksPerSecond;
    const wantedTicks = Math.round((run.startTicks / init.ticksPerSecond + shiftS) * this.ticksPerSecond);
    const isHole = this.samples === 0 || wantedTicks > this.#endTicks + 1;
    const startTicks = isHole ? Math.max(0, wantedTicks) : this.#endTicks;
    let ticks = 0;
    for (const sample of run.samples) {
      this.startTicks.push(startTicks + Math.round(ticks * scale));
      this.bytes.push(sample.bytes);
      this.offsetTicks.push(Math.round(sample.offsetTicks * scale));
      const shownTicks = startTicks + Math.round((ticks + sample.offsetTicks) * scale);
      this.#firstShownTicks = Math.min(this.#firstShownTicks, shownTicks);
      this.#lastShownTicks = Math.max(this.#lastShownTicks, shownTicks + Math.round(sample.ticks * scale));
      if (sample.isSync) this.syncSamples.push(this.samples);
      ticks += sample.ticks;
    }
    this.#endTicks = startTicks + Math.round(ticks * scale);
    const description = init.descriptions[run.descriptionIndex - 1];
    const descriptionIndex = description ? this.#descriptionIndex(description) : 1;
    this.#addChunk({ at, endsAt: at + sum(run.samples, 'bytes'), samples: run.samples.length, descriptionIndex });
  }

  /** Seconds by which a run would go back in time; 0 where it does not. */
  overlapS({ startTicks }: Run, init: InitTrack): number {
    if (this.samples === 0) return 0;
    const overlapS = this.#endTicks / this.ticksPerSecond - startTicks / init.ticksPerSecond;
    return overlapS * this.ticksPerSecond > 1.5 ? overlapS : 0;
  }

  #descriptionIndex(description: Box): number {
    const bytes = makeBox(description.type, description.payload);
    const known = this.descriptions.findIndex((other) => other.equals(bytes));
    return known < 0 ? this.descriptions.push(bytes) : known + 1;
  }

  #addChunk(chunk: Chunk): void {
    if (chunk.samples === 0) return;
    const last = this.chunks.at(-1);
    const doesContinue =
      last?.endsAt === chunk.at &&
      last.descriptionIndex === chunk.descriptionIndex &&
      last.samples + chunk.samples <= MAX_CHUNK_SAMPLES;
    if (!last || !doesContinue) this.chunks.push(chunk);
    else this.chunks[this.chunks.length - 1] = { ...chunk, at: last.at, samples: last.samples + chunk.samples };
  }
}
