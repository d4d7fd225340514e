/**
 * One camera, left to right: source → detector → tracker → event → (alerts | recorder | stdout). Wires its stages and decides
 * who may fall behind:
 *
 * - camera → detector: the newest frame wins. Input that can wait (stdin, or a file whose frames go to stdout): every frame.
 * - camera → recorder: always taken; the queue to the encoder, or to the disk, is bounded in bytes and asks a source that can
 *   wait to do so.
 * - frames → stdout: a source that can wait does, a camera loses whole frames.
 */
import type { Readable } from 'node:stream';
import type { CameraStats } from '../messages/camera.ts';
import { CameraFigures } from './camera-figures.ts';
import type { CameraConfig } from '../config/config.ts';
import type { Detector } from '../detector/detector.ts';
import { PeopleCounter } from '../event/people-counter.ts';
import { SceneMachine } from '../event/scene-machine.ts';
import type { WhyLog } from '../why/why-log.ts';
import { ZoneWatch } from '../event/zone-watch.ts';
import { FrameGate, type Outcome, savedShare } from '../gate/frame-gate.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { DetectedFrame, Rejected, Track } from '../messages/detection.ts';
import type { EndReason, PeopleChange, SceneEvent } from '../messages/scene.ts';
import type { Packet, RecordFrame, SourceState, VideoFormat } from '../messages/video.ts';
import type { FrameOutput } from '../output/frame-output.ts';
import type { ClipHome } from '../recorder/clip-home.ts';
import { Recorder } from '../recorder/recorder.ts';
import { CameraRing } from '../ring/camera-ring.ts';
import { Source } from '../source/source.ts';
import { Tracker } from '../tracker/tracker.ts';

/** Where a camera's news go: alerts, state, the page. One for all cameras. */
export interface Desk {
  onScene(camera: string, event: SceneEvent): void;
  onClip(camera: string, message: ClipMessage): void;
  onPeople(camera: string, change: PeopleChange): void;
  onSource(camera: string, state: SourceState): void;
}

export interface PipelineOptions {
  readonly camera: CameraConfig;
  readonly detector: Detector;
  readonly desk: Desk;
  /** where its clips live */
  readonly home: ClipHome;
  /** remembers what was decided and why */
  readonly why: WhyLog;
  readonly mintId: (atMs: number) => string;
  /** frames that hold candidates while no event is open, for whoever judges settings later */
  readonly onCandidates?: (camera: string, atMs: number, candidates: readonly Rejected[]) => void;
  readonly output: ((isLive: boolean) => FrameOutput) | undefined;
  readonly stdin: Readable;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Pipeline {
  readonly name: string;
  readonly #options: PipelineOptions;
  readonly #source: Source;
  readonly #gate: FrameGate;
  readonly #tracker: Tracker;
  readonly #zones: ZoneWatch;
  readonly #people = new PeopleCounter();
  readonly #scene: SceneMachine;
  readonly #ring: CameraRing;
  readonly #recorder: Recorder;
  readonly #figures: CameraFigures;
  readonly #output: FrameOutput | undefined;
  readonly #isComplete: boolean;
  readonly #broken = new AbortController();
  #isOpened = false;
  #lastPtsMs = 0;
  #shown: readonly Track[] = [];
  #lossTimer: NodeJS.Timeout | undefined;

  /** Throws a UserError for an input that can never work. */
  constructor(options: PipelineOptions) {
    const { camera, detector, desk, home, clock, log, stdin, mintId } = options;
    this.#options = options;
    this.name = camera.name;
    this.#source = new Source({
      camera,
      realTime: true,
      withRecording: true,
      picturesFor: options.output && 'annotated frames on stdout are made of pictures',
      inputShape: (size) => detector.inputShape(size),
      stdin,
      clock,
      log,
    });
    this.#output = options.output?.(this.#source.isLive);
    this.#isComplete = this.#source.input.kind === 'stdin' || (this.#output !== undefined && !this.#source.isLive);
    this.#gate = new FrameGate({
      camera,
      detector,
      isComplete: this.#isComplete,
      onDetected: (frame) => this.#guarded(frame),
    });
    this.#tracker = new Tracker(camera.detect);
    this.#zones = new ZoneWatch(camera.detect);
    this.#scene = new SceneMachine({ event: camera.event, mintId });
    const { event, record, detect } = camera;
    const onWarning = (fields: object, sentence: string): void => log.warn({ camera: camera.name, ...fields }, sentence);
    this.#ring = new CameraRing({ event, record, detect, onWarning });
    this.#recorder = new Recorder({
      camera: camera.name,
      event,
      record,
      detect,
      home,
      clock,
      log,
      onMessage: (message) => desk.onClip(camera.name, message),
      onBug: (error) => this.#broken.abort(error),
    });
    this.#figures = new CameraFigures(this.#gate);
  }

  /** pid of the encoder while an event is open */
  get encoderPid(): number | undefined {
    return this.#recorder.encoderPid;
  }

  /** Frames that were not looked at or not written to stdout because somebody was too slow. */
  get drops(): number {
    return this.#gate.dropped + (this.#output?.dropped ?? 0);
  }

  /** Nothing more may be written: the clip that grows ends here, the event and its alerts go on. */
  readonly cutShort = (reason: string): void => this.#recorder.cutShort(reason);

  /** Share of the pictures that the model was spared because nothing moved, 0…1. */
  get inferencesSaved(): number {
    return savedShare(this.#gate.counts);
  }

  /** Rates since the last call, which was `elapsedMs` ago; the latency is the newest. */
  takeStats(elapsedMs: number): CameraStats {
    return this.#figures.take(elapsedMs, this.drops);
  }

  /**
   * Until the input ends or the signal aborts. An open event is then ended and its clip complete. A bug that shows in a callback
   * ends this camera with its error, and no other.
   */
  async run(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.#broken.signal]);
    const letGo = (): void => this.#letGo();
    signal.addEventListener('abort', letGo, { once: true });
    try {
      await this.#source.run(
        {
          onState: (state) => this.#onState(state),
          onDetectFrame: (frame) => this.#gate.take(frame),
          onRecordFrame: (frame) => this.#onRecordFrame(frame),
          onInit: (init) => this.#ring.addInit(init),
          onPacket: (packet) => this.#onPacket(packet),
        },
        signal,
      );
      if (!signal.aborted) await this.#gate.drained();
    } finally {
      this.#clearLossTimer();
      const isEventOpen = this.#scene.openId !== undefined;
      this.#endEvent(signal.aborted ? 'stopped' : 'source');
      if (!signal.aborted) await this.#output?.finish(isEventOpen);
      this.#output?.close();
      signal.removeEventListener('abort', letGo);
      await this.#recorder.close();
      this.#ring.clear();
    }
    if (this.#broken.signal.aborted) throw this.#broken.signal.reason;
  }

  #guarded(frame: DetectedFrame): Outcome {
    try {
      return this.#onDetected(frame);
    } catch (error) {
      this.#broken.abort(error);
      return { tracked: { ...frame, tracks: [], left: [], rejected: [] }, isEventOpen: false };
    }
  }

  #clearLossTimer(): void {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = undefined;
  }

  /** A source that waits for a reader or for the model must not wait for ever once we stop. */
  #letGo(): void {
    this.#gate.close();
    this.#output?.close();
  }

  #onState(state: SourceState): void {
    const { camera, desk, why, clock, log } = this.#options;
    why.onSource(state, { atMs: clock.atMs(), nowMs: clock.nowMs() });
    if (state.type === 'lost') this.#lossTimer ??= setTimeout(() => this.#endEvent('source'), camera.event.postRollMs);
    else this.#clearLossTimer();
    if (state.type === 'opened') {
      if (this.#isOpened && this.#source.isLive) this.#gate.cameBack();
      if (state.formatChanged) {
        this.#endEvent('source');
        const ring = this.#ring.open(state.format);
        this.#recorder.setRing(ring);
        log.info({ camera: camera.name, ...picture(state.format) }, ring.plan.sentence);
      }
      this.#isOpened = true;
      this.#gate.open(state.format, state.formatChanged);
      this.#output?.open(state);
    }
    desk.onSource(camera.name, state);
  }

  #onRecordFrame(frame: RecordFrame): void | Promise<void> {
    this.#figures.onPicture();
    this.#ring.addFrame(frame);
    const room = this.#output?.addFrame(frame);
    frame.release();
    if (this.#isComplete) return Promise.all([room, this.#recorder.whenReady()]).then(() => undefined);
  }

  #onPacket(packet: Packet): void {
    if (packet.isVideo) this.#figures.onPicture();
    this.#ring.addPacket(packet);
  }

  #onDetected(frame: DetectedFrame): Outcome {
    const { desk, camera, why } = this.#options;
    this.#figures.onDetected(frame);
    this.#lastPtsMs = frame.ptsMs;
    const tracked = this.#zones.step(this.#tracker.step(frame));
    why.onPicture(frame, tracked, this.#gate.dropped);
    // A picture that the model was spared is no evidence, but it shows the same people.
    const shown = frame.isRepeat ? { ...tracked, tracks: this.#shown } : tracked;
    this.#shown = shown.tracks;
    this.#recorder.addTracks(shown);
    for (const event of this.#scene.step(tracked)) this.#onScene(event);
    const isEventOpen = this.#scene.openId !== undefined;
    if (!isEventOpen) this.#options.onCandidates?.(camera.name, frame.atMs, tracked.rejected);
    for (const change of this.#people.step(tracked)) desk.onPeople(camera.name, change);
    this.#output?.decide(shown, isEventOpen);
    return { tracked, isEventOpen };
  }

  #endEvent(reason: EndReason): void {
    const { desk, camera } = this.#options;
    const closePtsMs = this.#lastPtsMs + 1000 / camera.detect.fps;
    for (const event of this.#scene.close(reason, closePtsMs)) this.#onScene(event);
    for (const change of this.#people.step({ tracks: [], left: this.#tracker.reset() })) desk.onPeople(camera.name, change);
  }

  #onScene(event: SceneEvent): void {
    const { desk, camera, why } = this.#options;
    desk.onScene(camera.name, event);
    why.onScene(event);
    this.#recorder.onScene(event);
  }
}

/** What the log says of a format. */
function picture({ source, detect, record }: VideoFormat): { source: string; detect: string; record: string } {
  return { source: `${sizeAndRate(source)}, ${source.codec}`, detect: sizeAndRate(detect), record: sizeAndRate(record) };
}

function sizeAndRate({ widthPx, heightPx, fps }: VideoFormat['record']): string {
  return `${widthPx} × ${heightPx} at ${Math.round(fps * 100) / 100} fps`;
}
