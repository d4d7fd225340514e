/**
 * The film of a queue -> listed segments of a folder, through as many encoder runs as it takes, at most four. A run that
 * dies is followed by one that starts from the first frame not yet in a listed segment (init-1.mp4, EXT-X-DISCONTINUITY).
 */
import { SEGMENT_MS } from '../../ffmpeg/hls.ts';
import { type Clock, pause } from '../lib/clock.ts';
import { messageOf, RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { initName, segmentName } from '../media/clip-files.ts';
import type { RecordFrame, SizePx } from '../messages/video.ts';
import type { ClipFolder } from './clip-folder.ts';
import { Encoder } from './encoder.ts';
import type { EncoderQueue } from './encoder-queue.ts';

const MAX_RESTARTS = 3;
/** An encoder that takes no frame and closes no segment for this long is frozen. */
const STALL_MS = 10_000;

export interface ClipEncoderOptions {
  readonly camera: string;
  readonly size: SizePx;
  readonly maxMs: number;
  readonly queue: EncoderQueue;
  readonly folder: ClipFolder;
  readonly clock: Clock;
  readonly log: Logger;
  /** what is encoded in place of a frame; called when it is written, with where it stands in the film */
  readonly drawn?: ((frame: RecordFrame, index: number) => Uint8Array) | undefined;
  /** told after each segment that was listed */
  readonly onListed: () => void;
}

export class ClipEncoder {
  readonly #options: ClipEncoderOptions;
  #encoder: Encoder | undefined;
  #hasGivenUp = false;
  #lastWords = '';
  #progressNowMs = 0;
  #isListing = false;

  constructor(options: ClipEncoderOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** what the last encoder that died printed */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Ends with what is listed: for a close that takes too long. */
  async giveUp(): Promise<void> {
    this.#hasGivenUp = true;
    this.#options.queue.changed.ring();
    await this.#encoder?.kill();
  }

  /** Resolves when the whole film is listed, or as far as it got. Rejects where the folder cannot be used. */
  async run(): Promise<void> {
    const { queue, log, camera } = this.#options;
    for (let run = 0; !this.#hasGivenUp; run += 1) {
      await this.#untilFrame();
      await this.#runOnce(run);
      if (queue.isListed) return;
      const fields = { camera, run, encoder: this.#lastWords };
      if (run === MAX_RESTARTS) {
        log.error(fields, 'the encoder died too often; the clip ends here');
        return;
      }
      if (!this.#hasGivenUp) log.warn(fields, 'the encoder died; a new one goes on from the last whole segment');
      queue.rewind();
    }
  }

  async #runOnce(run: number): Promise<void> {
    const { queue, folder } = this.#options;
    if (queue.isListed || this.#hasGivenUp) return;
    await folder.check();
    const init = initName(run);
    let listing = Promise.resolve();
    await using encoder = await this.#start(init, (name) => {
      listing = listing.then(() => this.#list(name, init));
      void listing.catch(() => encoder.kill());
    });
    this.#encoder = encoder;
    try {
      // Given up while it was being started.
      if (this.#hasGivenUp) await encoder.kill();
      await this.#feed(encoder);
      await encoder.finish(STALL_MS);
    } finally {
      this.#encoder = undefined;
      this.#lastWords = encoder.lastWords;
    }
    await listing.catch((error: unknown) => {
      if (!(error instanceof RetryableError)) throw error;
      this.#lastWords = messageOf(error);
    });
  }

  async #start(init: string, onSegment: (name: string) => void): Promise<Encoder> {
    const { queue, folder, camera, size, maxMs, clock, log } = this.#options;
    const offsetMs = folder.durationMs;
    this.#progressNowMs = clock.nowMs();
    return await Encoder.start({
      camera,
      folder: folder.path,
      hls: { size, fps: queue.fps, firstSegment: folder.segmentCount, initName: init, offsetMs, maxMs },
      clock,
      log,
      onSegment,
      onGone: () => queue.changed.ring(),
    });
  }

  async #feed(encoder: Encoder): Promise<void> {
    const { queue, clock, drawn } = this.#options;
    const stop = new AbortController();
    const watchdog = this.#watch(encoder, stop.signal);
    try {
      while (!encoder.isGone && !queue.isWritten) {
        const index = queue.writtenIndex;
        const frame = queue.next();
        if (frame) {
          await encoder.write(drawn?.(frame, index) ?? frame.data);
          this.#progressNowMs = clock.nowMs();
        } else {
          await queue.changed.until(() => encoder.isGone || queue.isWritten || queue.hasNext);
        }
      }
    } finally {
      stop.abort();
      await watchdog;
    }
  }

  /** Kills an encoder that makes no progress while it has something to do. */
  async #watch(encoder: Encoder, signal: AbortSignal): Promise<void> {
    const { clock, queue } = this.#options;
    while (!signal.aborted) {
      await pause(clock, SEGMENT_MS, signal);
      if (queue.isCaughtUp || this.#isListing) this.#progressNowMs = clock.nowMs();
      if (!signal.aborted && clock.nowMs() - this.#progressNowMs > STALL_MS) await encoder.kill();
    }
  }

  async #list(name: string, init: string): Promise<void> {
    const { queue, folder, onListed } = this.#options;
    if (name !== segmentName(folder.segmentCount))
      throw new RetryableError(`Expected segment ${folder.segmentCount} but got ${name}`);
    this.#isListing = true;
    try {
      queue.listed(await folder.list({ name, initName: init, fps: queue.fps, atMs: queue.listedAtMs() }));
    } finally {
      this.#isListing = false;
    }
    onListed();
  }

  async #untilFrame(): Promise<void> {
    const { queue } = this.#options;
    await queue.changed.until(() => this.#hasGivenUp || queue.isListed || queue.hasNext);
  }
}
