/**
 * What is shown and told of a clip while it grows: its pictures, and `live` once it can be watched. `live` waits a little for
 * the first picture: an alert that carries one is worth it.
 */
import { Bell } from '../lib/bell.ts';
import { type Clock, pause } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { PICTURE_NAMES } from '../media/clip-files.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';
import type { Still } from './film.ts';
import { type Candidate, candidateOf, SnapshotChoice } from './snapshot-choice.ts';
import { Snapshots } from './snapshots.ts';

/** How long `live` waits for the first picture. */
const PICTURE_WAIT_MS = 500;

export interface AnnouncerOptions {
  readonly id: string;
  readonly folder: string;
  readonly size: SizePx;
  /** the picture that the detector saw at this time */
  readonly still: (ptsMs: number) => Still | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (message: ClipMessage) => void;
}

export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #choice = new SnapshotChoice();
  readonly #snapshots: Snapshots;
  readonly #decided = new Bell();
  #isPlayable: boolean | undefined;
  #announced: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    const { id, folder, size, log, onMessage } = options;
    this.#options = options;
    this.#snapshots = new Snapshots({ folder, size, log, onJpeg: (jpeg) => onMessage({ type: 'snapshot', id, jpeg }) });
  }

  /** names of the pictures that are in the folder */
  get files(): readonly string[] {
    return this.#snapshots.hasWritten ? PICTURE_NAMES : [];
  }

  /** Boxes of the event itself: the picture becomes the snapshot where it is the best so far. */
  see(frame: TrackedFrame): void {
    const candidate = candidateOf(frame);
    if (candidate) this.#take(this.#choice.offer(candidate));
  }

  /** There is no more to see: a better picture that had to wait is taken now. */
  seeNoMore(): void {
    this.#take(this.#choice.takePending());
  }

  /** A segment is listed; the first one makes the clip playable. */
  listed(preRollMs: number): void {
    if (this.#isPlayable !== undefined) return;
    this.#decide(true);
    this.#announced = this.#announce(preRollMs);
  }

  /** No segment will be listed any more. */
  close(): void {
    this.#decide(false);
  }

  /** Resolves with true once something can be played, with false where nothing ever will; rejects with the signal's reason. */
  async whenPlayable(signal: AbortSignal): Promise<boolean> {
    await this.#decided.until(() => this.#isPlayable !== undefined, signal);
    return this.#isPlayable === true;
  }

  /** Resolves when no picture is being made and what was to be told is told. */
  async settled(): Promise<void> {
    await this.#snapshots.settled();
    await this.#announced;
  }

  async #announce(preRollMs: number): Promise<void> {
    const { id, clock, onMessage } = this.#options;
    const waited = new AbortController();
    await Promise.race([this.#snapshots.settled(), pause(clock, PICTURE_WAIT_MS, waited.signal)]);
    waited.abort();
    onMessage({ type: 'live', id, preRollMs });
  }

  #decide(isPlayable: boolean): void {
    this.#isPlayable ??= isPlayable;
    this.#decided.ring();
  }

  #take(chosen: Candidate | undefined): void {
    const still = chosen && this.#options.still(chosen.ptsMs);
    if (still) this.#snapshots.take({ still, tracks: chosen.tracks });
  }
}
