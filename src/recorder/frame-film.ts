/** Raw frames of the ring -> film, by an encoder: the queue to it, its runs, and the pictures for snapshots. */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { TrackLine } from '../messages/clip.ts';
import type { RecordFrame, SizePx } from '../messages/video.ts';
import { BurnIn, type BurnInOptions } from './burn-in.ts';
import { ClipEncoder } from './clip-encoder.ts';
import type { ClipFolder } from './clip-folder.ts';
import { EncoderQueue } from './encoder-queue.ts';
import type { Film, Still } from './film.ts';
import type { Reel } from '../ring/reel.ts';

export interface FrameFilmOptions {
  readonly camera: string;
  readonly ring: Reel;
  readonly size: SizePx;
  readonly fps: number;
  readonly fromPtsMs: number;
  readonly frameBytes: number;
  readonly maxQueueBytes: number;
  readonly burnIn: BurnInOptions['burnIn'];
  readonly maxMs: number;
  readonly files: ClipFolder;
  readonly onListed: () => void;
  /** boxes so far, clip time */
  readonly lines: () => readonly TrackLine[];
  readonly clock: Clock;
  readonly log: Logger;
}

export class FrameFilm implements Film {
  readonly #ring: Reel;
  readonly #fps: number;
  readonly #queue: EncoderQueue;
  readonly #encoder: ClipEncoder;
  #missed = 0;

  constructor(options: FrameFilmOptions) {
    const { ring, fps, fromPtsMs, frameBytes, maxQueueBytes: maxBytes, files: folder } = options;
    this.#ring = ring;
    this.#fps = fps;
    const startIndex = ring.indexOf(fromPtsMs, fps);
    this.#queue = new EncoderQueue({ fps, startIndex, frameBytes, maxBytes });
    this.#encoder = new ClipEncoder({ ...options, queue: this.#queue, folder, drawn: this.#drawing(options) });
    this.take();
  }

  get firstPtsMs(): number | undefined {
    const { firstIndex } = this.#queue;
    return firstIndex === undefined ? undefined : this.#msOf(firstIndex);
  }

  get closePtsMs(): number {
    return this.#msOf(this.#queue.closeIndex);
  }

  get endPtsMs(): number {
    return this.#msOf(this.#queue.endIndex);
  }

  get isClosed(): boolean {
    return this.#queue.isClosed;
  }

  get droppedFrames(): number {
    return this.#queue.droppedFrames + this.#missed;
  }

  get encoderPid(): number | undefined {
    return this.#encoder.pid;
  }

  get excuse(): string {
    if (this.#queue.firstIndex === undefined) return 'no frame came while the event was open';
    return `the encoder made no video: ${this.#encoder.lastWords || 'it printed no reason'}`;
  }

  take(): void {
    this.#queue.take(this.#ring);
  }

  decidedTo(ptsMs: number): void {
    this.#queue.decidedTo(this.#indexAt(ptsMs));
  }

  closeAt(ptsMs: number): void {
    this.#queue.closeAt(this.#indexBehind(ptsMs));
  }

  missTo(ptsMs: number): void {
    this.#missed = this.#indexBehind(ptsMs) - this.#queue.endIndex;
  }

  still(ptsMs: number): Still | undefined {
    const index = this.#indexAt(ptsMs);
    const frame = this.#ring.at(index) ?? this.#queue.at(index);
    frame?.retain();
    return frame && { load: async () => await Promise.resolve(frame.data), release: () => frame.release() };
  }

  async whenReady(): Promise<void> {
    await this.#queue.whenReady();
  }

  async run(): Promise<void> {
    await this.#encoder.run();
  }

  async giveUp(): Promise<void> {
    await this.#encoder.giveUp();
  }

  clear(): void {
    this.#queue.clear();
  }

  /** How time and boxes come into a picture, where they are wanted. One may stand for several intervals: each has a time of its own. */
  #drawing(options: FrameFilmOptions): ((frame: RecordFrame, index: number) => Uint8Array) | undefined {
    const burnIn = BurnIn.of(options);
    return (
      burnIn &&
      (({ data, atMs, index: own }, index) => {
        const clipMs = this.#msOf(index) - (this.firstPtsMs ?? 0);
        return burnIn.draw({ data, atMs: atMs + this.#msOf(index - own), clipMs, lines: options.lines() });
      })
    );
  }

  #msOf(index: number): number {
    return (index * 1000) / this.#fps;
  }

  #indexAt(ptsMs: number): number {
    return this.#ring.indexOf(ptsMs, this.#fps);
  }

  /** The first frame at this time or later: the first that is not wanted. */
  #indexBehind(ptsMs: number): number {
    return this.#indexAt(ptsMs - 1e-3) + 1;
  }
}
