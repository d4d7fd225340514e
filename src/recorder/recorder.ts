/**
 * Frames or packets, boxes and scene events of one camera -> clips. Nothing is encoded or written while no event is open: the
 * last seconds wait in a ring, and an event's clip takes them over and goes on with what comes.
 *
 * At most one event is open; the clip before it may still be finalising. Frames are retained here, packets are shared: neither is copied.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { ClipMessage, OpenClip } from '../messages/clip.ts';
import type { TrackedFrame } from '../messages/detection.ts';
import type { SceneEvent } from '../messages/scene.ts';
import type { Packet, RecordFrame, TrackInit, VideoFormat } from '../messages/video.ts';
import { Clip } from './clip.ts';
import { FrameIntake } from './frame-intake.ts';
import type { Intake } from './intake.ts';
import { PacketIntake } from './packet-intake.ts';
import { planRing, type RingPlan } from '../ring/ring-plan.ts';

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
  readonly onMessage: (message: ClipMessage) => void;
}

type StartEvent = Extract<SceneEvent, { type: 'start' }>;
type EndEvent = Extract<SceneEvent, { type: 'end' }>;

export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #clips = new Set<Clip>();
  #tracked: TrackedFrame[] = [];
  #format: VideoFormat | undefined;
  #frames: FrameIntake | undefined;
  #packets: PacketIntake | undefined;
  #open: Clip | undefined;
  /** where the clip that ended last was cut; a part that continues it starts there */
  #cut: { readonly id: string; readonly ptsMs: number } | undefined;
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
    for (const clip of this.#clips) clip.endNow();
    this.#clearRing();
    this.#format = format;
    const isFrames = format.feed === 'frames';
    const { camera, log } = this.#options;
    this.#frames = isFrames ? new FrameIntake(this.#options, format) : undefined;
    this.#packets = isFrames
      ? undefined
      : new PacketIntake({
          ...this.#options,
          format,
          onWarning: (fields, sentence) => log.warn({ camera, ...fields }, sentence),
        });
  }

  /** Retains what it keeps; never waits. */
  addFrame(frame: RecordFrame): void {
    if (!this.#frames) throw new Error('Expected setFormat before the first frame');
    if (this.#closing) return;
    this.#endAfterLongGap(this.#frames, frame.ptsMs);
    this.#frames.add(frame);
  }

  /** Comes before the packets of its track, once a connection. */
  addInit(init: TrackInit): void {
    if (!this.#packets) throw new Error('Expected setFormat before the first packet');
    this.#packets.addInit(init);
  }

  /** Keeps the packet's bytes; never waits. */
  addPacket(packet: Packet): void {
    if (!this.#packets) throw new Error('Expected setFormat before the first packet');
    if (this.#closing) return;
    if (packet.isVideo) this.#endAfterLongGap(this.#packets, packet.ptsMs);
    this.#packets.add(packet);
  }

  /** Boxes of one detection frame, after its picture. */
  addTracks(frame: TrackedFrame): void {
    for (const clip of this.#clips) clip.addTracks(frame);
    this.#tracked.push(frame);
    const oldestMs = frame.ptsMs - (this.#intake?.heldMs ?? 0);
    while (this.#tracked[0] && this.#tracked[0].ptsMs < oldestMs) this.#tracked.shift();
  }

  /** A start opens the clip in `folder`, which exists and is empty; once closing began, nothing is opened any more. */
  handle(event: SceneEvent, folder: string): OpenClip | undefined {
    if (event.type === 'end') this.#end(event);
    return event.type === 'start' && !this.#closing ? this.#start(event, folder) : undefined;
  }

  /** For sources that can wait: resolves when the encoder, or the disk, keeps up. */
  async whenReady(): Promise<void> {
    for (const clip of this.#clips) await clip.film.whenReady();
  }

  /** There is no room: clips end with the segments that are listed; their events go on. May be called again and again. */
  cutShort(reason: string): void {
    for (const clip of this.#clips) void clip.giveUp(reason);
  }

  /** Ends an open clip with the frames that are there and waits until it is complete. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #intake(): FrameIntake | PacketIntake | undefined {
    return this.#frames ?? this.#packets;
  }

  #start(event: StartEvent, folder: string): OpenClip {
    const [intake, format] = [this.#intake as Intake | undefined, this.#format];
    if (!intake || !format) throw new Error('Expected setFormat before an event');
    const { camera, clock, log, onMessage, event: settings, detect } = this.#options;
    const maxMs = settings.preRollMs + settings.maxDurationMs + settings.postRollMs + LENGTH_SLACK_MS;
    this.#open?.endNow();
    const clip = new Clip({
      id: event.id,
      camera,
      folder,
      feed: intake.feed,
      size: format.record,
      startPtsMs: event.startPtsMs,
      header: intake.playlistHeader,
      openFilm: (context) => intake.open(this.#fromPtsMs(event), { ...context, camera, maxMs, clock, log }),
      maxTrackLines: Math.ceil((maxMs / 1000) * detect.fps),
      clock,
      log,
      onMessage,
    });
    this.#open = clip;
    this.#clips.add(clip);
    void this.#forget(clip, intake);
    for (const frame of this.#tracked) clip.addTracks(frame);
    return clip;
  }

  async #forget(clip: Clip, intake: Intake): Promise<void> {
    await clip.done;
    this.#clips.delete(clip);
    intake.close(clip.film);
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

  #endAfterLongGap({ newestPtsMs, heldMs }: Intake, ptsMs: number): void {
    if (newestPtsMs === undefined || ptsMs - newestPtsMs <= this.#options.event.postRollMs + heldMs) return;
    for (const clip of this.#clips) clip.endNow();
    this.#clearRing();
  }

  #clearRing(): void {
    this.#intake?.clear();
    this.#tracked = [];
  }

  async #close(): Promise<void> {
    const { clock } = this.#options;
    for (const clip of this.#clips) clip.endNow();
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
