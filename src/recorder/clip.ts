/**
 * The clip of one event, from its first frame to `ready` or `failed`. Owns its folder and its film; whatever happens, exactly
 * one of the two messages is sent and every frame is let go.
 *
 * It ends with its event (`end`), or before it, with what is listed, where something forces it to (`giveUp`). `failed` is said
 * at once; `ready` waits for the event's end, also where the film was over before it.
 */
import { join } from 'node:path';
import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { DETECTIONS_NAME } from '../media/clip-files.ts';
import type { ClipMessage, OpenClip, TrackLine } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import { Announcer } from './announcer.ts';
import { ClipFolder, diskFault } from './clip-folder.ts';
import type { StartEvent } from './clip-home.ts';
import type { Film } from './film.ts';
import type { FilmMaker } from './film-maker.ts';
import { TrackLog, trackLineOf } from './track-log.ts';

/** How long after an event's end its last frames may take to come. */
const LAST_FRAMES_MS = 2000;

export interface ClipOptions {
  readonly camera: string;
  readonly event: StartEvent;
  readonly folder: string;
  readonly maker: FilmMaker;
  /** the film begins here, or as far back as there are pictures */
  readonly fromPtsMs: number;
  /** no clip is longer */
  readonly maxMs: number;
  readonly detectFps: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (message: ClipMessage) => void;
}

export class Clip implements OpenClip {
  readonly id: string;
  readonly folder: string;
  readonly film: Film;
  readonly #options: ClipOptions;
  readonly #files: ClipFolder;
  readonly #tracks: TrackLog;
  readonly #announcer: Announcer;
  readonly #filmIsOver = new AbortController();
  readonly #ended = new Bell();
  #hasEnded = false;
  #firstPtsMs: number | undefined;
  #lastSeenPtsMs: number | undefined;
  #fault: Error | undefined;
  #excuse: string | undefined;
  #done: Promise<void> = Promise.resolve();

  static begin(options: ClipOptions): Clip {
    const clip = new Clip(options);
    clip.#done = clip.#run();
    return clip;
  }

  private constructor(options: ClipOptions) {
    const { event, folder, maker, fromPtsMs, maxMs, detectFps } = options;
    this.#options = options;
    this.id = event.id;
    this.folder = folder;
    this.#files = new ClipFolder(folder, maker.playlistHeader);
    this.#tracks = new TrackLog({
      path: join(folder, DETECTIONS_NAME),
      maxLines: Math.ceil((maxMs / 1000) * detectFps),
      onFault: (error) => void this.#fail(error),
    });
    const onListed = (): void => this.#announcer.listed(this.#preRollMs());
    this.film = maker.open(fromPtsMs, { ...options, files: this.#files, onListed, lines: () => this.#tracks.lines });
    this.#announcer = new Announcer({ ...options, id: event.id, size: maker.size, still: (ptsMs) => this.film.still(ptsMs) });
  }

  /** resolves after `ready` or `failed`; never rejects */
  get done(): Promise<void> {
    return this.#done;
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
    return await this.#announcer.whenPlayable(signal);
  }

  /** Boxes of one detection frame, whose picture is part of the film by now. */
  addTracks(frame: TrackedFrame): void {
    const firstPtsMs = this.#first();
    if (this.#filmIsOver.signal.aborted || firstPtsMs === undefined) return;
    this.film.decidedTo(frame.ptsMs);
    if (frame.ptsMs < firstPtsMs || frame.ptsMs >= this.film.closePtsMs) return;
    this.#tracks.add(trackLineOf(frame, firstPtsMs));
    if (frame.ptsMs >= this.#options.event.startPtsMs) this.#announcer.see(frame);
  }

  /**
   * The event is over: the clip ends at `closePtsMs`, and does not wait long for frames that are not there yet. Without a time it
   * ends now, with the frames that are there.
   */
  end(closePtsMs = Math.min(this.film.endPtsMs, this.film.closePtsMs), lastSeenPtsMs?: number): void {
    this.#lastSeenPtsMs ??= lastSeenPtsMs;
    this.#first();
    if (this.#filmIsOver.signal.aborted) this.film.missTo(closePtsMs);
    else this.#closeFilm(closePtsMs);
    this.#hasEnded = true;
    this.#ended.ring();
  }

  /** Finalises with what is listed; `reason` is told where that is nothing. */
  async giveUp(reason?: string): Promise<void> {
    this.#excuse ??= reason;
    await this.film.giveUp();
  }

  #closeFilm(closePtsMs: number): void {
    const { film } = this;
    film.closeAt(closePtsMs);
    this.#announcer.seeNoMore();
    if (film.isClosed) return;
    const waitMs = closePtsMs - film.endPtsMs + LAST_FRAMES_MS;
    this.#options.clock.sleep(waitMs, this.#filmIsOver.signal).then(
      () => film.closeAt(film.endPtsMs),
      () => undefined,
    );
  }

  async #run(): Promise<void> {
    try {
      await this.#record();
      await this.#ended.until(() => this.#hasEnded);
      await this.#finish();
    } catch (error) {
      await this.#failed(error);
    }
    this.#announcer.close();
  }

  async #record(): Promise<void> {
    try {
      await this.film.run();
    } finally {
      this.#filmIsOver.abort();
      this.film.clear();
    }
    if (this.#fault) throw this.#fault;
  }

  async #finish(): Promise<void> {
    const { camera, maker, log, onMessage } = this.#options;
    const { id } = this;
    await this.#announcer.settled();
    await this.#tracks.close(this.#files.durationMs);
    if (this.#fault) throw this.#fault;
    for (const name of [DETECTIONS_NAME, ...this.#announcer.files]) await this.#files.add(name);
    await this.#files.close();
    if (this.#files.segmentCount === 0) throw new Error(this.#excuse ?? this.film.excuse);
    const { durationMs, videoBytes: bytes, files } = this.#files;
    const { droppedFrames } = this.film;
    const [preRollMs, postRollMs] = [this.#preRollMs(), this.#postRollMs()];
    log.info({ camera, event: id, durationMs, bytes, droppedFrames }, 'the clip is complete');
    onMessage({ type: 'ready', id, feed: maker.feed, preRollMs, postRollMs, durationMs, bytes, files, droppedFrames });
  }

  async #failed(error: unknown): Promise<void> {
    const { camera, folder, maker, log, onMessage } = this.#options;
    const { id } = this;
    const reason = diskFault(error, folder);
    log.error({ camera, event: id, reason }, 'the clip could not be recorded');
    await this.#announcer.settled();
    try {
      await this.#files.close();
    } catch (cause) {
      // What is listed stays playable, but the disk does not let us say that it ended.
      log.debug({ camera, event: id, cause }, 'the playlist of the clip stays open');
    }
    const { files } = this.#files;
    onMessage({ type: 'failed', id, feed: maker.feed, reason, files, droppedFrames: this.film.droppedFrames });
  }

  /** Boxes cannot be written: the clip is no evidence without them. */
  async #fail(error: Error): Promise<void> {
    this.#fault ??= error;
    await this.giveUp();
  }

  /** Time of the first frame, once there is one; it is remembered beyond the film. */
  #first(): number | undefined {
    this.#firstPtsMs ??= this.film.firstPtsMs;
    return this.#firstPtsMs;
  }

  #preRollMs(): number {
    const { startPtsMs } = this.#options.event;
    return Math.max(0, Math.round(startPtsMs - (this.#first() ?? startPtsMs)));
  }

  /** As the clip is, from the last time somebody was seen. */
  #postRollMs(): number {
    const endPtsMs = (this.#first() ?? 0) + this.#files.durationMs;
    return Math.max(0, Math.round(endPtsMs - (this.#lastSeenPtsMs ?? endPtsMs)));
  }
}
