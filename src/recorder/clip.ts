/**
 * The clip of one event, from its first frame to `ready` or `failed`. Owns its folder and its film; whatever happens, exactly
 * one of the two messages is sent and every frame is let go.
 *
 * `failed` is said at once. `ready` waits for the event's end, also where the film was over before it.
 */
import { join } from 'node:path';
import { Bell } from '../lib/bell.ts';
import { type Clock, pause } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { DETECTIONS_NAME, PICTURE_NAMES } from '../media/clip-files.ts';
import type { ClipMessage, OpenClip, TrackLine } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { Feed, SizePx } from '../messages/video.ts';
import { ClipFolder, diskFault } from './clip-folder.ts';
import type { Film } from './film.ts';
import type { FilmContext } from './intake.ts';
import { candidateOf, type Candidate, SnapshotChoice } from './snapshot-choice.ts';
import { Snapshots } from './snapshots.ts';
import { TrackLog, trackLineOf } from './track-log.ts';

/** How long after an event's end its last frames may take to come. */
const LAST_FRAMES_MS = 2000;
/** How long `live` waits for the first picture. */
const PICTURE_WAIT_MS = 500;

export interface ClipOptions {
  readonly id: string;
  readonly camera: string;
  readonly folder: string;
  readonly feed: Feed;
  readonly size: SizePx;
  /** the pre-roll ends here */
  readonly startPtsMs: number;
  /** first lines of the playlist */
  readonly header: readonly string[];
  readonly openFilm: (context: Pick<FilmContext, 'files' | 'onListed' | 'lines'>) => Film;
  readonly maxTrackLines: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (message: ClipMessage) => void;
}

export class Clip implements OpenClip {
  readonly id: string;
  readonly folder: string;
  readonly film: Film;
  /** resolves after `ready` or `failed`; never rejects */
  readonly done: Promise<void>;
  readonly #options: ClipOptions;
  readonly #files: ClipFolder;
  readonly #tracks: TrackLog;
  readonly #choice = new SnapshotChoice();
  readonly #snapshots: Snapshots;
  readonly #over = new AbortController();
  readonly #decided = new Bell();
  #firstPtsMs: number | undefined;
  #lastSeenPtsMs: number | undefined;
  #isPlayable: boolean | undefined;
  #fault: Error | undefined;
  #excuse: string | undefined;
  #onEnd: () => void = () => undefined;
  #announced: Promise<void> = Promise.resolve();
  readonly #ended = new Promise<void>((resolve) => {
    this.#onEnd = resolve;
  });

  constructor(options: ClipOptions) {
    const { id, folder, header, size, log } = options;
    this.#options = options;
    this.id = id;
    this.folder = folder;
    this.#files = new ClipFolder(folder, header);
    this.film = options.openFilm({ files: this.#files, onListed: () => this.#listed(), lines: () => this.#tracks.lines });
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
    return this.film.encoderPid;
  }

  playlist(): string | undefined {
    return this.#files.playlist;
  }

  tracks(): readonly TrackLine[] {
    return this.#tracks.lines;
  }

  async whenPlayable(signal: AbortSignal): Promise<boolean> {
    await this.#decided.until(() => this.#isPlayable !== undefined, signal);
    return this.#isPlayable === true;
  }

  /** Boxes of one detection frame, whose picture is part of the film by now. */
  addTracks(frame: TrackedFrame): void {
    const firstPtsMs = this.#begin();
    if (this.#over.signal.aborted || firstPtsMs === undefined) return;
    this.film.decidedTo(frame.ptsMs);
    if (frame.ptsMs < firstPtsMs || frame.ptsMs >= this.film.closePtsMs) return;
    this.#tracks.add(trackLineOf(frame, firstPtsMs));
    const candidate = frame.ptsMs >= this.#options.startPtsMs ? candidateOf(frame) : undefined;
    const chosen = candidate && this.#choice.offer(candidate);
    if (chosen) this.#takePicture(chosen);
  }

  /** The event is over: the clip ends at `closePtsMs`, and does not wait long for frames that are not there yet. */
  end(closePtsMs: number, lastSeenPtsMs?: number): void {
    const { film } = this;
    const isOver = this.#over.signal.aborted;
    this.#lastSeenPtsMs ??= lastSeenPtsMs;
    this.#begin();
    if (isOver) film.missTo(closePtsMs);
    else film.closeAt(closePtsMs);
    const pending = isOver ? undefined : this.#choice.takePending();
    if (pending) this.#takePicture(pending);
    this.#onEnd();
    if (isOver || film.isClosed) return;
    const waitMs = closePtsMs - film.endPtsMs + LAST_FRAMES_MS;
    this.#options.clock.sleep(waitMs, this.#over.signal).then(
      () => film.closeAt(film.endPtsMs),
      () => undefined,
    );
  }

  /** The end now, with the frames that are there. */
  endNow(): void {
    this.end(Math.min(this.film.endPtsMs, this.film.closePtsMs));
  }

  /** Finalises with what is listed; `reason` is told where that is nothing. */
  async giveUp(reason?: string): Promise<void> {
    this.#excuse ??= reason;
    await this.film.giveUp();
  }

  async #run(): Promise<void> {
    // The constructor is over before anything happens.
    await Promise.resolve();
    try {
      await this.film.run();
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
    const { id, feed, onMessage, camera } = this.#options;
    await this.#snapshots.settled();
    await this.#announced;
    await this.#tracks.close(this.#files.durationMs);
    if (this.#fault) throw this.#fault;
    await this.#files.add(DETECTIONS_NAME);
    if (this.#snapshots.hasWritten) for (const name of PICTURE_NAMES) await this.#files.add(name);
    await this.#files.close();
    if (this.#files.segmentCount === 0) throw new Error(this.#excuse ?? this.film.excuse);
    const { durationMs, videoBytes: bytes, files } = this.#files;
    const { droppedFrames } = this.film;
    const [preRollMs, postRollMs] = [this.#preRollMs(), this.#postRollMs()];
    this.#options.log.info({ camera, event: id, durationMs, bytes, droppedFrames }, 'the clip is complete');
    onMessage({ type: 'ready', id, feed, preRollMs, postRollMs, durationMs, bytes, files, droppedFrames });
  }

  async #failed(error: unknown): Promise<void> {
    const { id, folder, feed, log, onMessage, camera } = this.#options;
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
    onMessage({ type: 'failed', id, feed, reason, files: this.#files.files, droppedFrames: this.film.droppedFrames });
  }

  #listed(): void {
    if (this.#isPlayable !== undefined) return;
    this.#begin();
    this.#settle(true);
    this.#announced = this.#announce();
  }

  /** `live`, with the first picture where it is made in time: an alert that carries one is worth a short wait. */
  async #announce(): Promise<void> {
    const { clock, onMessage } = this.#options;
    const waited = new AbortController();
    const wait = pause(clock, PICTURE_WAIT_MS, waited.signal);
    await Promise.race([this.#snapshots.settled(), wait]);
    waited.abort();
    onMessage({ type: 'live', id: this.id, preRollMs: this.#preRollMs() });
  }

  /** Time of the first frame, once there is one; it is remembered beyond the film. */
  #begin(): number | undefined {
    this.#firstPtsMs ??= this.film.firstPtsMs;
    return this.#firstPtsMs;
  }

  #preRollMs(): number {
    return Math.max(0, Math.round(this.#options.startPtsMs - (this.#firstPtsMs ?? this.#options.startPtsMs)));
  }

  /** As the clip is, from the last time somebody was seen. */
  #postRollMs(): number {
    const endPtsMs = (this.#firstPtsMs ?? 0) + this.#files.durationMs;
    return Math.max(0, Math.round(endPtsMs - (this.#lastSeenPtsMs ?? endPtsMs)));
  }

  #takePicture({ ptsMs, tracks }: Candidate): void {
    const still = this.film.still(ptsMs);
    if (still) this.#snapshots.take({ still, tracks });
  }

  #fail(error: Error): void {
    if (this.#fault) return;
    this.#fault = error;
    void this.film.giveUp();
  }

  #letGo(): void {
    this.#over.abort();
    this.film.clear();
  }

  #settle(isPlayable: boolean): void {
    this.#isPlayable ??= isPlayable;
    this.#decided.ring();
  }
}
