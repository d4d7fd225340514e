/**
 * The film of one clip between the ring and the encoder. Four marks, never crossing: listed ≤ written ≤ end ≤ close.
 *
 * Frames stay until they are in a listed segment, so that a new encoder can start from the first one that is not. What waits
 * to be written is bounded in bytes: over it, pictures are thinned out and counted, and time stays right. A frame is written
 * once the detector has decided on its time (or is a second late): an event that ends at a frame then ends exactly there.
 */
import { Bell } from '../lib/bell.ts';
import type { RecordFrame } from '../messages/video.ts';
import { Reel } from '../ring/reel.ts';

/** Film that may be inside the encoder or on its way to the disk before no more is written. */
const IN_FLIGHT_MS = 4000;
const HOLD_MS = 1000;

export interface QueueOptions {
  readonly fps: number;
  /** first frame wanted; it may lie in the future */
  readonly startIndex: number;
  readonly frameBytes: number;
  readonly maxBytes: number;
}

export class EncoderQueue {
  readonly fps: number;
  /** rings when a frame can be written, the end is known, or room was made */
  readonly changed = new Bell();
  readonly #reel = new Reel();
  readonly #options: QueueOptions;
  readonly #holdFrames: number;
  #decidedIndex = -Infinity;
  #closeIndex = Infinity;
  #firstIndex: number | undefined;
  #listedIndex = 0;
  #writtenIndex = 0;
  #droppedFrames = 0;

  constructor(options: QueueOptions) {
    this.fps = options.fps;
    this.#options = options;
    const quarter = Math.floor(options.maxBytes / options.frameBytes / 4);
    this.#holdFrames = Math.min(Math.ceil((HOLD_MS * options.fps) / 1000), quarter);
  }

  /** index of the clip's first frame, once there is one */
  get firstIndex(): number | undefined {
    return this.#firstIndex;
  }

  /** one past the last frame the clip has or may have */
  get closeIndex(): number {
    return this.#closeIndex;
  }

  get endIndex(): number {
    return this.#firstIndex === undefined ? this.#options.startIndex : Math.max(this.#reel.endIndex, this.#listedIndex);
  }

  get listedIndex(): number {
    return this.#listedIndex;
  }

  /** of the frame that is written next */
  get writtenIndex(): number {
    return this.#writtenIndex;
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** the end is known and no frame is missing before it */
  get isClosed(): boolean {
    return this.endIndex >= this.#closeIndex;
  }

  get isWritten(): boolean {
    return this.isClosed && (this.#firstIndex === undefined || this.#writtenIndex >= this.endIndex);
  }

  get isListed(): boolean {
    return this.isClosed && (this.#firstIndex === undefined || this.#listedIndex >= this.endIndex);
  }

  /** Takes over what the ring has and this does not. */
  take(ring: Reel): void {
    const fromIndex = Math.max(this.endIndex, this.#options.startIndex);
    this.#reel.append(ring, { fromIndex, endIndex: Math.min(ring.endIndex, this.#closeIndex) });
    if (this.#reel.isEmpty) return;
    if (this.#firstIndex === undefined) {
      this.#firstIndex = this.#reel.firstIndex;
      this.#listedIndex = this.#firstIndex;
      this.#writtenIndex = this.#firstIndex;
    }
    this.#thin();
    this.changed.ring();
  }

  /** Nothing before `index` can turn out to lie outside the event any more. */
  decidedTo(index: number): void {
    this.#decidedIndex = Math.max(this.#decidedIndex, index);
    this.changed.ring();
  }

  /** The clip ends before frame `index`, or where it has been written to already. */
  closeAt(index: number): void {
    const writtenIndex = this.#firstIndex === undefined ? index : this.#writtenIndex;
    this.#closeIndex = Math.min(this.#closeIndex, Math.max(index, writtenIndex));
    this.#reel.truncate(this.#closeIndex);
    this.changed.ring();
  }

  /** Hands the next frame over to the encoder, if one can be written now. It stays held until it is listed. */
  next(): RecordFrame | undefined {
    if (!this.hasNext) return undefined;
    const frame = this.#reel.at(this.#writtenIndex);
    this.#writtenIndex += 1;
    this.changed.ring();
    return frame;
  }

  get hasNext(): boolean {
    const isFarAhead = this.#writtenIndex - this.#listedIndex >= (IN_FLIGHT_MS * this.fps) / 1000;
    return !isFarAhead && !this.isCaughtUp;
  }

  /** there is nothing to write until a frame comes */
  get isCaughtUp(): boolean {
    return this.#writtenIndex >= this.#writableIndex();
  }

  /** Wall time of the first frame that is not listed. */
  listedAtMs(): number {
    const atMs = this.#reel.atMs(this.#listedIndex, this.fps);
    if (atMs === undefined) throw new Error(`Expected frame ${this.#listedIndex} in the queue`);
    return atMs;
  }

  /** The next `frames` frames are in a listed segment: they are let go. */
  listed(frames: number): void {
    this.#listedIndex = Math.min(this.#listedIndex + frames, this.#writtenIndex);
    this.#reel.dropBefore(this.#listedIndex);
    this.changed.ring();
  }

  /** A new encoder starts from the first frame that is not listed. */
  rewind(): void {
    this.#writtenIndex = this.#listedIndex;
  }

  at(index: number): RecordFrame | undefined {
    return this.#reel.at(index);
  }

  /** Resolves when less than half of the bound waits to be written. */
  async whenReady(): Promise<void> {
    await this.changed.until(() => this.#waitingBytes() <= this.#options.maxBytes / 2);
  }

  /** Lets go of everything; what was not listed counts as dropped. */
  clear(): void {
    if (this.#firstIndex !== undefined) this.#droppedFrames += this.endIndex - this.#listedIndex;
    this.closeAt(this.endIndex);
    this.#listedIndex = this.endIndex;
    this.#writtenIndex = this.endIndex;
    this.#reel.clear();
    this.changed.ring();
  }

  #writableIndex(): number {
    if (this.isClosed) return this.endIndex;
    return Math.min(this.endIndex, Math.max(this.#decidedIndex, this.endIndex - this.#holdFrames));
  }

  #waitingBytes(): number {
    return this.#reel.bytes(this.#writtenIndex);
  }

  #thin(): void {
    let thinned = 1;
    while (thinned > 0 && this.#waitingBytes() > this.#options.maxBytes) {
      thinned = this.#reel.thin(this.#writtenIndex);
      this.#droppedFrames += thinned;
    }
  }
}
