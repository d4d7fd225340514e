/**
 * Annotated frames → stdout. Whoever reads sets the pace of a file or of stdin (`addFrame` resolves when there is room again);
 * a live camera does not wait: whole frames are dropped and counted.
 */
import type { Writable } from 'node:stream';
import { Bell } from '../lib/bell.ts';
import { codeOf, RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { CameraView } from '../messages/camera.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { RecordFrame, SourceState, VideoFormat } from '../messages/video.ts';
import { annotate } from './annotate.ts';
import { type DecidedFrame, FrameQueue } from './frame-queue.ts';
import { readerCommand, streamFrame, streamHeader, type StreamKind } from './pixel-stream.ts';
import { TrailKeeper } from './trails.ts';

/** Enough for the detector to answer while ffmpeg fills both pipes, or the two would wait for each other. */
const MIN_SLOTS = 8;

const READER_GONE = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

export const STREAM_WHEN = ['always', 'event'] as const;

export interface FrameOutputOptions {
  readonly kind: StreamKind;
  readonly when: (typeof STREAM_WHEN)[number];
  /** asynchronous: process.stdout would block the event loop on a pipe */
  readonly stream: Writable;
  readonly isLive: boolean;
  /** drawn on every frame */
  readonly zones?: CameraView['zones'];
  readonly log: Logger;
  /** the reader closed the pipe, or it cannot be written: there is nobody to write for */
  readonly onClosed: (error: Error) => void;
}

export class FrameOutput {
  readonly #options: FrameOutputOptions;
  readonly #trails = new TrailKeeper();
  readonly #changed = new Bell();
  #format: VideoFormat | undefined;
  #queue: FrameQueue | undefined;
  #isClosed = false;
  #isWriting = false;
  #written = 0;

  constructor(options: FrameOutputOptions) {
    this.#options = options;
    options.stream.on('error', (error: Error) => this.#fail(error));
  }

  /** Whole frames that a live source lost because nobody read them in time. */
  get dropped(): number {
    return this.#queue?.dropped ?? 0;
  }

  /** The first format opens the stream; a stream cannot change its size later. */
  open({ format, formatChanged }: Extract<SourceState, { type: 'opened' }>): void {
    const { kind, stream, log } = this.#options;
    const { record, framesPerSlot } = format;
    if (this.#format && formatChanged && !isSame(this.#format.record, record)) {
      const { widthPx, heightPx, fps } = record;
      const change = `the camera changed its picture to ${widthPx} × ${heightPx} at ${fps} fps, which a ${kind} stream cannot`;
      this.#fail(new RetryableError(change));
    }
    if (this.#format) return;
    this.#format = format;
    this.#queue = new FrameQueue({ framesPerSlot, maxFrames: MIN_SLOTS * framesPerSlot });
    log.info({ read: readerCommand(kind, record) }, `writing ${kind} frames to stdout`);
    if (kind === 'y4m') stream.write(streamHeader(kind, record));
  }

  /** Retains what it keeps. A promise asks the source to wait. */
  addFrame(frame: RecordFrame): void | Promise<void> {
    const queue = this.#queue;
    if (this.#isClosed || !queue) return;
    frame.retain();
    queue.push(frame);
    this.#start();
    if (!this.#options.isLive && queue.isFull) return this.#room(queue);
  }

  /** Boxes for the frames of this slot and of those before it that had none of their own. */
  decide({ slot, ptsMs, tracks }: TrackedFrame, isEventOpen: boolean): void {
    const isWanted = this.#options.when === 'always' || isEventOpen;
    const trails = this.#trails.step({ ptsMs, tracks });
    const seen = tracks.filter(({ isSeen, isConfirmed }) => isSeen && isConfirmed);
    this.#queue?.decide({ slot, tracks: seen, trails, isWanted });
    this.#start();
  }

  /** No more frames and no more detections come: writes what is left, and ends the stream. */
  async finish(isEventOpen: boolean): Promise<void> {
    const isWanted = this.#options.when === 'always' || isEventOpen;
    this.#queue?.decide({ slot: Number.POSITIVE_INFINITY, tracks: [], isWanted });
    while (!this.#isClosed && (this.#isWriting || (this.#queue?.length ?? 0) > 0)) {
      this.#start();
      if (this.#isWriting) await this.#changed.next();
    }
    // A reader that stalls at the very end must not keep us once somebody says stop: `close` wakes this too.
    if (!this.#isClosed) {
      let hasEnded = false;
      this.#options.stream.end(() => {
        hasEnded = true;
        this.#changed.ring();
      });
      await this.#changed.until(() => hasEnded || this.#isClosed);
    }
    this.#options.log.info({ frames: this.#written, dropped: this.dropped }, 'stdout ended');
  }

  /** Lets go of everything at once; frames that were not written are lost. May be called often. */
  close(): void {
    this.#isClosed = true;
    this.#queue?.clear();
    this.#changed.ring();
  }

  async #room(queue: FrameQueue): Promise<void> {
    await this.#changed.until(() => this.#isClosed || !queue.isFull);
  }

  #start(): void {
    this.#pump().catch((error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))));
  }

  async #pump(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    for (let next = this.#next(); next; next = this.#next()) {
      await this.#write(next);
      next.frame.release();
      this.#changed.ring();
    }
    this.#isWriting = false;
    this.#changed.ring();
  }

  #next(): DecidedFrame | undefined {
    return this.#isClosed ? undefined : this.#queue?.take();
  }

  async #write({ frame, ...annotations }: DecidedFrame): Promise<void> {
    if (!this.#format) return;
    const { kind, stream, zones } = this.#options;
    const { record } = this.#format;
    let data = frame.data;
    if (annotations.tracks.length > 0 || zones) {
      // The recorder shares this buffer: boxes are drawn on a copy.
      data = Uint8Array.from(data);
      annotate(data, record, { ...annotations, zones });
    }
    const parts = streamFrame(kind, data, record);
    const error = await new Promise<Error | null | undefined>((resolve) => {
      for (const part of parts.slice(0, -1)) stream.write(part);
      stream.write(parts.at(-1) ?? new Uint8Array(0), resolve);
    });
    // A stream that is destroyed already fails its writes without an 'error' event.
    if (error) this.#fail(error);
    else this.#written += 1;
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue?.clear();
    this.#changed.ring();
    const isGone = READER_GONE.has(codeOf(error) ?? '');
    this.#options.onClosed(isGone ? new RetryableError('the reader of stdout closed the pipe', { cause: error }) : error);
  }
}

function isSame(a: VideoFormat['record'], b: VideoFormat['record']): boolean {
  return a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.fps === b.fps;
}
