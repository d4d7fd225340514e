/**
 * Frames or packets, boxes and scene events of one camera -> clips. Nothing is encoded or written while no event is open: the
 * last seconds wait in a ring, and an event's clip takes them over and goes on with what comes.
 *
 * At most one event is open; the clip before it may still be finalising. Frames are retained here, packets are shared: neither is copied.
 * Scene events are worked through one after the other: an alert goes out at once, but the folder of a clip comes from the disk.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { unanswered } from '../lib/never.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { FormatRing } from '../ring/camera-ring.ts';
import type { ClipHome, StartEvent } from './clip-home.ts';
import { Clip } from './clip.ts';
import { FrameFilmMaker } from './frame-film-maker.ts';
import type { FilmMaker } from './film-maker.ts';
import { PacketFilmMaker } from './packet-film-maker.ts';

/** A clip is never longer than its event may be and this. */
const LENGTH_SLACK_MS = 30_000;
/** Closing gives a film this long for its last frames. */
const CLOSE_GRACE_MS = 10_000;

export interface RecorderOptions {
  readonly camera: string;
  readonly event: CameraConfig['event'];
  readonly record: CameraConfig['record'];
  readonly detect: CameraConfig['detect'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly home: ClipHome;
  readonly onMessage: (message: ClipMessage) => void;
  /** an event could not be worked through because of a mistake of ours */
  readonly onBug: (error: unknown) => void;
}

type EndEvent = Extract<SceneEvent, { type: 'end' }>;

export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #clips = new Set<Clip>();
  #tracked: TrackedFrame[] = [];
  #maker: FilmMaker | undefined;
  #leave: () => void = () => undefined;
  #open: Clip | undefined;
  /** where the clip that ended last was cut; a part that continues it starts there */
  #cut: { readonly id: string; readonly ptsMs: number } | undefined;
  /** the events so far are worked through */
  #worked: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** pid of the encoder of the open clip, or of the one being finalised; undefined while none runs */
  get encoderPid(): number | undefined {
    return [...this.#clips].findLast(({ encoderPid }) => encoderPid !== undefined)?.encoderPid;
  }

  /** A first or another video format. A clip that is still open ends here. */
  setRing(from: FormatRing): void {
    this.#break();
    this.#leave();
    this.#maker = from.feed === 'frames' ? new FrameFilmMaker(from, this.#options.record.burnIn) : new PacketFilmMaker(from);
    this.#leave = from.ring.follow({ onAdded: () => this.#take(), onBreak: () => this.#break() });
  }

  /** Boxes of one detection frame, after its picture. */
  addTracks(frame: TrackedFrame): void {
    for (const clip of this.#clips) clip.addTracks(frame);
    this.#tracked.push(frame);
    const oldestMs = frame.ptsMs - (this.#maker?.heldMs ?? 0);
    while (this.#tracked[0] && this.#tracked[0].ptsMs < oldestMs) this.#tracked.shift();
  }

  /** Takes the event at once and works through it when those before it are done; once closing began, none is taken any more. */
  onScene(event: SceneEvent): void {
    if (this.#closing) return;
    this.#worked = this.#worked.then(async () => await this.#work(event)).catch((error: unknown) => this.#options.onBug(error));
  }

  /** For sources that can wait: resolves when the encoder, or the disk, keeps up. */
  async whenReady(): Promise<void> {
    for (const clip of this.#clips) await clip.film.whenReady();
  }

  /** There is no room: clips end with the segments that are listed; their events go on. May be called again and again. */
  cutShort(reason: string): void {
    for (const clip of this.#clips) void clip.giveUp(reason);
  }

  /** Works through what it heard of, ends an open clip with the frames that are there and waits until it is complete. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #work(event: SceneEvent): Promise<void> {
    switch (event.type) {
      case 'start': {
        const folder = await this.#folder(event);
        if (folder !== undefined) this.#options.home.attach(this.#start(event, folder));
        return;
      }
      case 'end':
        this.#end(event);
        return;
      case 'update':
        return;
      default:
        unanswered(event);
    }
  }

  /** An event whose folder cannot be made has failed, and whoever waits for its clip is told. */
  async #folder(event: StartEvent): Promise<string | undefined> {
    const { home, onMessage } = this.#options;
    const { id } = event;
    try {
      return await home.makeFolder(event);
    } catch (error) {
      home.attachNone(id);
      const feed = this.#maker?.feed ?? 'frames';
      onMessage({ type: 'failed', id, feed, reason: messageOf(error), files: [], droppedFrames: 0 });
      return undefined;
    }
  }

  #start(event: StartEvent, folder: string): Clip {
    const maker = this.#maker;
    if (!maker) throw new Error('Expected setRing before an event');
    const { event: settings, detect } = this.#options;
    const maxMs = settings.preRollMs + settings.maxDurationMs + settings.postRollMs + LENGTH_SLACK_MS;
    this.#open?.end();
    const fromPtsMs = this.#fromPtsMs(event);
    const clip = Clip.begin({ ...this.#options, event, folder, maker, fromPtsMs, maxMs, detectFps: detect.fps });
    this.#open = clip;
    this.#clips.add(clip);
    void clip.done.then(() => this.#clips.delete(clip));
    for (const frame of this.#tracked) clip.addTracks(frame);
    return clip;
  }

  /** Exactly where the part before it was cut, or the pre-roll before the person was first seen. */
  #fromPtsMs({ continues, startPtsMs }: StartEvent): number {
    if (continues !== undefined && continues === this.#cut?.id) return this.#cut.ptsMs;
    return startPtsMs - this.#options.event.preRollMs;
  }

  #end({ id, reason, closePtsMs, lastSeenPtsMs }: EndEvent): void {
    const clip = this.#open;
    if (!clip || clip.id !== id) return;
    const hasNoMoreFrames = reason === 'source' || reason === 'stopped';
    clip.end(hasNoMoreFrames ? Math.min(closePtsMs, clip.film.endPtsMs) : closePtsMs, lastSeenPtsMs);
    this.#cut = { id, ptsMs: clip.film.closePtsMs };
    this.#open = undefined;
  }

  #take(): void {
    for (const clip of this.#clips) clip.film.take();
  }

  /** What comes next does not continue what was. */
  #break(): void {
    for (const clip of this.#clips) clip.end();
    this.#tracked = [];
  }

  async #close(): Promise<void> {
    const { clock } = this.#options;
    this.#leave();
    await this.#worked;
    for (const clip of this.#clips) clip.end();
    const over = new AbortController();
    const deadline = clock.sleep(CLOSE_GRACE_MS, over.signal).then(
      () => Promise.all([...this.#clips].map((clip) => clip.giveUp())),
      () => undefined,
    );
    await Promise.all([...this.#clips].map(({ done }) => done));
    over.abort();
    await deadline;
    this.#tracked = [];
  }
}
