/**
 * The cameras of this process: an entry each, with all that is known of it and a life of its own. One comes, goes or is replaced
 * while the others run; what goes ends its open event, finishes its clip and leaves nothing behind.
 */
import { CameraState } from '../camera/camera-state.ts';
import type { CameraNews, Pipeline } from '../camera/pipeline.ts';
import type { CameraConfig } from '../config/config.ts';
import { zonesOf } from '../config/zones.ts';
import type { Clock } from '../lib/clock.ts';
import { Bell } from '../lib/bell.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { WhyLog } from '../why/why-log.ts';

/** What a camera is before it runs. */
export interface CameraSlot {
  readonly config: CameraConfig;
  /** of the settings that its events are recorded with */
  readonly hash: string;
  readonly state: CameraState;
  /** what was decided of it, and why */
  readonly why: WhyLog;
  /** aborts when it has left: nobody is to be told of it any more */
  readonly left: AbortSignal;
}

export interface Camera extends CameraSlot {
  readonly name: string;
  readonly pipeline: Pipeline;
}

/** What makes it run, and who is told. Throws a UserError for a camera that can never work. */
export type BuildCamera = (slot: CameraSlot) => { readonly pipeline: Pipeline; readonly news: LivingNews };

/** News of a camera, from its beginning to its end. */
export interface LivingNews extends CameraNews {
  /** it runs from now on */
  onCame(): void;
  /** it was removed: nothing may go on saying that it is there */
  onLeft(): void;
}

export interface CamerasOptions {
  readonly build: BuildCamera;
  readonly hashOf: (config: CameraConfig) => string;
  /** aborts when all of them are to end */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Entry extends Camera {
  readonly news: LivingNews;
  readonly stop: AbortController;
  readonly departure: AbortController;
  /** never rejects: what it ran into stands in `failure` */
  over: Promise<void>;
  isOver: boolean;
  failure: { readonly error: unknown } | undefined;
}

export class Cameras implements AsyncDisposable {
  readonly #options: CamerasOptions;
  readonly #entries = new Map<string, Entry>();
  /** something is over */
  readonly #bell = new Bell();
  readonly #onStop = (): void => this.#stopAll();
  /** changes happen one after the other, in the order in which they were asked for */
  #changes: Promise<unknown> = Promise.resolve();
  #changing = 0;
  #isClosed = false;

  constructor(options: CamerasOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', this.#onStop, { once: true });
  }

  get size(): number {
    return this.#entries.size;
  }

  find(name: string): Camera | undefined {
    return this.#entries.get(name);
  }

  [Symbol.iterator](): IterableIterator<Camera> {
    return this.#entries.values();
  }

  /** It runs from now on. Rejects with a UserError for an input that can never work, and for a name that is taken. */
  async add(config: CameraConfig): Promise<Camera> {
    return await this.#inTurn(async () => {
      if (this.#entries.has(config.name))
        throw new UserError(`There is a camera "${config.name}" already`, { hint: 'give every camera a name of its own' });
      return await Promise.resolve(this.#begin(this.#build(config)));
    });
  }

  /** Resolves when it has ended and is forgotten; false where there is none of this name. */
  async remove(name: string): Promise<boolean> {
    return await this.#inTurn(async () => {
      const entry = this.#entries.get(name);
      if (!entry) return false;
      await this.#end(entry);
      this.#entries.delete(name);
      entry.news.onLeft();
      return true;
    });
  }

  /** The one of this name ends, and this one takes its place. The old one runs on where the new one can never work. */
  async replace(config: CameraConfig): Promise<Camera> {
    return await this.#inTurn(async () => {
      const entry = this.#build(config);
      const before = this.#entries.get(config.name);
      if (before) await this.#end(before);
      return this.#begin(entry);
    });
  }

  /** Recordings of this camera, or of all, end with what they have; events and alerts go on. */
  cutShort(reason: string, name?: string): void {
    for (const camera of this) if (name === undefined || camera.name === name) camera.pipeline.cutShort(reason);
  }

  /**
   * Resolves when every camera is over: its input ended, or we were told to stop. While there is none at all, one may still come.
   * Rejects with the first failure of one that is still here.
   */
  async whenOver(): Promise<void> {
    await this.#bell.until(() => this.#isOver);
    for (const { failure } of this.#entries.values()) if (failure) throw failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#options.signal.removeEventListener('abort', this.#onStop);
    this.#stopAll();
    await this.#changes;
    await Promise.all([...this.#entries.values()].map(({ over }) => over));
  }

  get #isOver(): boolean {
    const hasAny = this.size > 0 || this.#options.signal.aborted;
    return this.#changing === 0 && hasAny && [...this.#entries.values()].every(({ isOver }) => isOver);
  }

  #stopAll(): void {
    for (const { stop } of this.#entries.values()) stop.abort();
    this.#bell.ring();
  }

  #build(config: CameraConfig): Entry {
    const { clock, hashOf, build } = this.#options;
    const departure = new AbortController();
    const slot: CameraSlot = {
      config,
      hash: hashOf(config),
      state: new CameraState(config.name, clock.atMs(), zonesOf(config.detect)),
      why: new WhyLog(config.why, { atMs: clock.atMs(), nowMs: clock.nowMs() }),
      left: departure.signal,
    };
    const life = { stop: new AbortController(), departure, over: Promise.resolve(), isOver: false, failure: undefined };
    return { ...slot, ...build(slot), ...life, name: config.name };
  }

  #begin(entry: Entry): Camera {
    this.#entries.set(entry.name, entry);
    entry.news.onCame();
    // It ends at once, and leaves nothing at the detector.
    if (this.#isClosed || this.#options.signal.aborted) entry.stop.abort();
    entry.over = this.#live(entry);
    return entry;
  }

  /** A failure of one camera does not stop the others. */
  async #live(entry: Entry): Promise<void> {
    try {
      await entry.pipeline.run(entry.stop.signal);
    } catch (error) {
      entry.failure = { error };
      this.#tellFailure(entry, error);
    } finally {
      entry.isOver = true;
      this.#bell.ring();
    }
  }

  /** The only camera's is the outcome of the app, which says it, unless the camera was on its way out. */
  #tellFailure({ name, news, stop }: Entry, error: unknown): void {
    const { clock, log } = this.#options;
    const why = error instanceof UserError ? { reason: error.message, cure: error.hint } : { err: error };
    if (this.size > 1 || stop.signal.aborted) log.error({ camera: name, ...why }, 'camera stopped; the others go on');
    try {
      news.onSource({ type: 'lost', reason: messageOf(error), sinceMs: clock.atMs() });
    } catch (cause) {
      log.error({ camera: name, err: cause }, 'that a camera stopped could not be told');
    }
  }

  async #end(entry: Entry): Promise<void> {
    entry.stop.abort();
    await entry.over;
    entry.departure.abort();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('Expected cameras to be changed before the app closes');
    this.#changing += 1;
    const done = this.#changes.then(work).finally(() => {
      this.#changing -= 1;
      this.#bell.ring();
    });
    // Whoever asked hears of a failure; the next one's turn comes all the same.
    this.#changes = done.catch(() => undefined);
    return await done;
  }
}
