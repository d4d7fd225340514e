/**
 * The clip of one event, from its first frame to `ready` or `failed`. Owns its folder, its film and its encoder; whatever
 * happens, exactly one of the two messages is sent and every frame is let go.
 *
 * `failed` is said at once. `ready` waits for the event's end, also where the encoder gave up before it.
 */
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { ClipMessage, OpenClip, RecordFrame, SizePx, TrackedFrame, TrackLine } from '../messages.ts';
import { BurnIn, type BurnInFrame, type BurnInOptions } from './burn-in.ts';
import { ClipEncoder } from './clip-encoder.ts';
import { ClipFolder, diskFault } from './clip-folder.ts';
import { EncoderQueue } from './encoder-queue.ts';
import type { Reel } from './reel.ts';
import { candidateOf, type Candidate, SnapshotChoice } from './snapshot-choice.ts';
import { SNAPSHOT_NAMES, Snapshots } from './snapshots.ts';
import { TrackLog, trackLineOf } from './track-log.ts';

const DETECTIONS_NAME = 'detections.jsonl';
/** How long after an event's end its last frames may take to come. */
const LAST_FRAMES_MS = 2000;
/** How long `live` waits for the first picture. */
const PICTURE_WAIT_MS = 500;

export interface ClipOptions {
  readonly id: string;
  readonly camera: string;
  readonly folder: string;
  readonly size: SizePx;
  readonly fps: number;
  readonly framesPerSlot: number;
  readonly burnIn: BurnInOptions['burnIn'];
  /** the pre-roll ends here */
  readonly startPtsMs: number;
  readonly startIndex: number;
  readonly frameBytes: number;
  readonly maxQueueBytes: number;
  readonly maxMs: number;
  readonly maxTrackLines: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (message: ClipMessage) => void;
}

export class Clip implements OpenClip {
  readonly id: string;
  readonly folder: string;
  readonly queue: EncoderQueue;
  /** resolves after `ready` or `failed`; never rejects */
  readonly done: Promise<void>;
  readonly #options: ClipOptions;
  readonly #files: ClipFolder;
  readonly #encoder: ClipEncoder;
  readonly #tracks: TrackLog;
  readonly #choice = new SnapshotChoice();
  readonly #snapshots: Snapshots;
  readonly #over = new AbortController();
  #firstPtsMs: number | undefined;
  #isPlayable: boolean | undefined;
  #onPlayable: (() => void)[] = [];
  #fault: Error | undefined;
  #missedFrames = 0;
  #onEnd: () => void = () => undefined;
  #announced: Promise<void> = Promise.resolve();
  readonly #ended = new Promise<void>((resolve) => {
    this.#onEnd = resolve;
  });

  constructor(options: ClipOptions) {
    const { id, folder, fps, size, log } = options;
    this.#options = options;
    this.id = id;
    this.folder = folder;
    this.#files = new ClipFolder(folder, fps);
    const { startIndex, frameBytes, maxQueueBytes: maxBytes } = options;
    this.queue = new EncoderQueue({ fps, startIndex, frameBytes, maxBytes, onChange: () => this.#encoder.notify() });
    const burnIn = BurnIn.of(options);
    const drawn = burnIn && ((frame: RecordFrame, index: number) => burnIn.draw(this.#inClip(frame, index)));
    const onListed = (): void => this.#listed();
    this.#encoder = new ClipEncoder({ ...options, queue: this.queue, folder: this.#files, drawn, onListed });
    this.#tracks = new TrackLog({
      path: join(folder, DETECTIONS_NAME),
      maxLines: options.maxTrackLines,
      onFault: (error) => this.#fail(error),
    });
    const onJpeg = (jpeg: Uint8Array): void => options.onMessage({ type: 'snapshot', id, jpeg });
    this.#snapshots = new Snapshots({ folder, size, log, onJpeg });
    this.done = this.#run();
  }

  get encoderPid(): number | undefined {
    return this.#encoder.pid;
  }

  playlist(): string | undefined {
    return this.#files.playlist;
  }

  tracks(): readonly TrackLine[] {
    return this.#tracks.lines;
  }

  async whenPlayable(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#isPlayable !== undefined) return this.#isPlayable;
    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#onPlayable = this.#onPlayable.filter((listener) => listener !== settle);
        reject(signal.reason as Error);
      };
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(this.#isPlayable === true);
      };
      this.#onPlayable.push(settle);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Takes over the frames it does not have yet. */
  takeFrames(ring: Reel): void {
    if (this.#over.signal.aborted) return;
    this.queue.take(ring);
    const first = this.queue.firstIndex;
    if (first !== undefined) this.#firstPtsMs ??= ring.ptsMs(first, this.#options.fps);
  }

  /** Boxes of one detection frame; its picture is looked for in the ring. */
  addTracks(frame: TrackedFrame, ring: Reel): void {
    if (this.#over.signal.aborted || this.#firstPtsMs === undefined) return;
    const index = frame.slot * this.#options.framesPerSlot;
    this.queue.decidedTo(index);
    if (frame.ptsMs < this.#firstPtsMs || index >= this.queue.closeIndex) return;
    this.#tracks.add(trackLineOf(frame, this.#firstPtsMs));
    const candidate = frame.ptsMs >= this.#options.startPtsMs ? candidateOf(frame) : undefined;
    const chosen = candidate && this.#choice.offer(candidate);
    if (chosen) this.#takePicture(chosen, ring);
  }

  /** The event is over: the clip ends before frame `index`, and does not wait long for frames that are not there yet. */
  end(index: number, ring: Reel): void {
    if (this.#over.signal.aborted) this.#missedFrames = index - this.queue.endIndex;
    this.queue.closeAt(index);
    const pending = this.#over.signal.aborted ? undefined : this.#choice.takePending();
    if (pending) this.#takePicture(pending, ring);
    this.#onEnd();
    if (this.queue.isClosed) return;
    const waitMs = ((index - this.queue.endIndex) * 1000) / this.#options.fps + LAST_FRAMES_MS;
    const { clock } = this.#options;
    const stop = this.#over.signal;
    clock.sleep(waitMs, stop).then(
      () => this.queue.closeAt(this.queue.endIndex),
      () => undefined,
    );
  }

  /** The end now, with the frames that are there. */
  endNow(ring: Reel): void {
    this.end(Math.min(this.queue.endIndex, this.queue.closeIndex), ring);
  }

  /** Finalises with what is listed. */
  async giveUp(): Promise<void> {
    await this.#encoder.giveUp();
  }

  async #run(): Promise<void> {
    // The constructor is over before anything happens.
    await Promise.resolve();
    try {
      await this.#encoder.run();
      if (this.#fault) throw this.#fault;
      this.#letGo();
      await this.#ended;
      await this.#finish();
    } catch (error) {
      this.#letGo();
      await this.#failed(error);
    }
    this.#settle(false);
  }

  async #finish(): Promise<void> {
    const { id, onMessage, camera } = this.#options;
    await this.#snapshots.settled();
    await this.#announced;
    await this.#tracks.close(this.#files.durationMs);
    if (this.#fault) throw this.#fault;
    await this.#files.add(DETECTIONS_NAME);
    if (this.#snapshots.hasWritten) for (const name of SNAPSHOT_NAMES) await this.#files.add(name);
    await this.#files.close();
    if (this.#files.segmentCount === 0) throw new Error(this.#nothingRecorded());
    const { durationMs, videoBytes: bytes, files } = this.#files;
    const droppedFrames = this.queue.droppedFrames + this.#missedFrames;
    this.#options.log.info({ camera, event: id, durationMs, bytes, droppedFrames }, 'the clip is complete');
    onMessage({ type: 'ready', id, preRollMs: this.#preRollMs(), durationMs, bytes, files, droppedFrames });
  }

  async #failed(error: unknown): Promise<void> {
    const { id, folder, log, onMessage, camera } = this.#options;
    const reason = diskFault(error, folder);
    log.error({ camera, event: id, reason }, 'the clip could not be recorded');
    await this.#snapshots.settled();
    await this.#announced;
    try {
      await this.#files.close();
    } catch (cause) {
      // What is listed stays playable, but the disk does not let us say that it ended.
      log.debug({ camera, event: id, cause }, 'the playlist of the clip stays open');
    }
    onMessage({ type: 'failed', id, reason, files: this.#files.files, droppedFrames: this.queue.droppedFrames });
  }

  #nothingRecorded(): string {
    if (this.queue.firstIndex === undefined) return 'no frame came while the event was open';
    return `the encoder made no video: ${this.#encoder.lastWords || 'it printed no reason'}`;
  }

  #listed(): void {
    if (this.#isPlayable !== undefined) return;
    this.#settle(true);
    this.#announced = this.#announce();
  }

  /** `live`, with the first picture where it is made in time: an alert that carries one is worth a short wait. */
  async #announce(): Promise<void> {
    const { clock, onMessage } = this.#options;
    const waited = new AbortController();
    const wait = clock.sleep(PICTURE_WAIT_MS, waited.signal).catch(() => undefined);
    await Promise.race([this.#snapshots.settled(), wait]);
    waited.abort();
    onMessage({ type: 'live', id: this.id, preRollMs: this.#preRollMs() });
  }

  #preRollMs(): number {
    return Math.max(0, Math.round(this.#options.startPtsMs - (this.#firstPtsMs ?? this.#options.startPtsMs)));
  }

  #takePicture({ slot, tracks }: Candidate, ring: Reel): void {
    const index = slot * this.#options.framesPerSlot;
    const frame = ring.at(index) ?? this.queue.at(index);
    if (frame) this.#snapshots.take({ frame, tracks });
  }

  /** A frame may stand for several intervals: each has a time of its own. */
  #inClip({ data, atMs, ptsMs, index: own }: RecordFrame, index: number): BurnInFrame {
    const laterMs = ((index - own) * 1000) / this.#options.fps;
    const clipMs = ptsMs + laterMs - (this.#firstPtsMs ?? ptsMs);
    return { data, atMs: atMs + laterMs, clipMs, lines: this.#tracks.lines };
  }

  #fail(error: Error): void {
    if (this.#fault) return;
    this.#fault = error;
    void this.#encoder.giveUp();
  }

  #letGo(): void {
    this.#over.abort();
    this.queue.clear();
  }

  #settle(isPlayable: boolean): void {
    this.#isPlayable ??= isPlayable;
    for (const settle of this.#onPlayable) settle();
    this.#onPlayable = [];
  }
}
