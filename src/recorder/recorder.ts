/**
 * Frames, boxes and scene events of one camera -> clips. Nothing is encoded or written while no event is open: the last
 * seconds wait as raw frames in a ring, and an event's clip takes them over and goes on with live frames.
 *
 * At most one event is open; the clip before it may still be finalising. Frames are retained here, never copied.
 */
import type { CameraConfig } from '../config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { ClipMessage, OpenClip, RecordFrame, SceneEvent, TrackedFrame, VideoFormat } from '../messages.ts';
import { Clip } from './clip.ts';
import { Reel } from './reel.ts';
import { pictureBytes, planRing, type RingPlan } from './ring-plan.ts';

/** Bound of the queue to the encoder, as a multiple of the ring. */
const QUEUE_RINGS = 2;
/** A clip is never longer than its event may be and this. */
const LENGTH_SLACK_MS = 30_000;
/** Closing gives the encoder this long for its last frames. */
const CLOSE_GRACE_MS = 10_000;

export interface RecorderOptions {
  readonly camera: string;
  readonly event: CameraConfig['event'];
  readonly record: CameraConfig['record'];
  readonly detect: CameraConfig['detect'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (message: ClipMessage) => void;
}

type StartEvent = Extract<SceneEvent, { type: 'start' }>;
type EndEvent = Extract<SceneEvent, { type: 'end' }>;

export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #ring = new Reel();
  readonly #clips = new Set<Clip>();
  #tracked: TrackedFrame[] = [];
  #format: VideoFormat | undefined;
  #plan: RingPlan | undefined;
  #open: Clip | undefined;
  /** where the clip that ended last was cut; a part that continues it starts there */
  #cut: { readonly id: string; readonly index: number } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** What will be held of this format; `sentence` is for the person at start-up. */
  ringPlan(format: VideoFormat): RingPlan {
    return planRing(this.#options, format);
  }

  /** pid of the encoder of the open clip, or of the one being finalised; undefined while none runs */
  get encoderPid(): number | undefined {
    return [...this.#clips].findLast(({ encoderPid }) => encoderPid !== undefined)?.encoderPid;
  }

  /** A first or another video format: the ring is emptied. A clip that is still open ends here. */
  setFormat(format: VideoFormat): void {
    for (const clip of this.#clips) clip.endNow(this.#ring);
    this.#clearRing();
    this.#format = format;
    this.#plan = this.ringPlan(format);
  }

  /** Retains what it keeps; never waits. */
  addFrame(frame: RecordFrame): void {
    if (!this.#format || !this.#plan) throw new Error('Expected setFormat before the first frame');
    if (this.#closing) return;
    if (this.#isAfterLongGap(frame)) {
      for (const clip of this.#clips) clip.endNow(this.#ring);
      this.#clearRing();
    }
    this.#ring.push(frame);
    for (const clip of this.#clips) clip.takeFrames(this.#ring);
    this.#trimRing(this.#plan);
  }

  /** Boxes of one detection frame, after its recording frame. */
  addTracks(frame: TrackedFrame): void {
    for (const clip of this.#clips) clip.addTracks(frame, this.#ring);
    this.#tracked.push(frame);
    const oldestMs = frame.ptsMs - (this.#plan?.heldMs ?? 0);
    while (this.#tracked[0] && this.#tracked[0].ptsMs < oldestMs) this.#tracked.shift();
  }

  /** A start opens the clip in `folder`, which exists and is empty; once closing began, nothing is opened any more. */
  handle(event: SceneEvent, folder: string): OpenClip | undefined {
    if (event.type === 'end') this.#end(event);
    return event.type === 'start' && !this.#closing ? this.#start(event, folder) : undefined;
  }

  /** For sources that can wait: resolves when the encoder keeps up. */
  async whenReady(): Promise<void> {
    for (const clip of this.#clips) await clip.queue.whenReady();
  }

  /** There is no room: clips end with the segments that are listed; their events go on. May be called again and again. */
  cutShort(): void {
    for (const clip of this.#clips) void clip.giveUp();
  }

  /** Ends an open clip with the frames that are there and waits until it is complete. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #start(event: StartEvent, folder: string): OpenClip {
    if (!this.#format || !this.#plan) throw new Error('Expected setFormat before an event');
    const { record, framesPerSlot } = this.#format;
    const {
      camera,
      clock,
      log,
      onMessage,
      event: settings,
      detect,
      record: { burnIn },
    } = this.#options;
    const maxMs = settings.preRollMs + settings.maxDurationMs + settings.postRollMs + LENGTH_SLACK_MS;
    this.#open?.endNow(this.#ring);
    const clip = new Clip({
      id: event.id,
      camera,
      folder,
      size: record,
      fps: record.fps,
      framesPerSlot,
      burnIn,
      startPtsMs: event.startPtsMs,
      startIndex: this.#startIndex(event, record.fps),
      frameBytes: pictureBytes(record),
      maxQueueBytes: QUEUE_RINGS * this.#plan.bytes,
      maxMs,
      maxTrackLines: Math.ceil((maxMs / 1000) * detect.fps),
      clock,
      log,
      onMessage,
    });
    this.#open = clip;
    this.#clips.add(clip);
    void clip.done.then(() => this.#clips.delete(clip));
    clip.takeFrames(this.#ring);
    for (const frame of this.#tracked) clip.addTracks(frame, this.#ring);
    return clip;
  }

  /** Exactly where the part before it was cut, or the pre-roll before the person was first seen. */
  #startIndex({ continues, startPtsMs }: StartEvent, fps: number): number {
    if (continues !== undefined && continues === this.#cut?.id) return this.#cut.index;
    return this.#ring.indexOf(startPtsMs - this.#options.event.preRollMs, fps);
  }

  #end({ id, reason, closePtsMs }: EndEvent): void {
    const clip = this.#open;
    if (!clip || clip.id !== id || !this.#format) return;
    const { fps } = this.#format.record;
    // The first frame at closePtsMs or later is the first one that is not in the clip.
    const index = this.#ring.indexOf(closePtsMs - 1e-3, fps) + 1;
    const hasNoMoreFrames = reason === 'source' || reason === 'stopped';
    clip.end(hasNoMoreFrames ? Math.min(index, clip.queue.endIndex) : index, this.#ring);
    this.#cut = { id, index: clip.queue.closeIndex };
    this.#open = undefined;
  }

  #isAfterLongGap(frame: RecordFrame): boolean {
    if (this.#ring.isEmpty || !this.#format || !this.#plan) return false;
    const gapMs = ((frame.index - this.#ring.endIndex) * 1000) / this.#format.record.fps;
    return gapMs > this.#options.event.postRollMs + this.#plan.heldMs;
  }

  #trimRing({ frames, bytes }: RingPlan): void {
    this.#ring.dropBefore(this.#ring.endIndex - frames);
    while (this.#ring.bytes() > bytes) this.#ring.dropOldest();
  }

  #clearRing(): void {
    this.#ring.clear();
    this.#tracked = [];
  }

  async #close(): Promise<void> {
    const { clock } = this.#options;
    for (const clip of this.#clips) clip.endNow(this.#ring);
    const over = new AbortController();
    const deadline = clock.sleep(CLOSE_GRACE_MS, over.signal).then(
      () => Promise.all([...this.#clips].map((clip) => clip.giveUp())),
      () => undefined,
    );
    await Promise.all([...this.#clips].map(({ done }) => done));
    over.abort();
    await deadline;
    this.#clearRing();
  }
}
