/**
 * One camera, left to right: source → gate → detector → watch (tracker, zones, visits) → (news | recorder | stdout), and source → ring
 * → recorder. Wires its stages and decides who may fall behind:
 *
 * - camera → detector: the newest frame wins. Input that can wait (stdin, or a file whose frames go to stdout): every frame.
 * - camera → ring: always taken. Ring → recorder: the queue to the encoder, or to the disk, is bounded in bytes and asks a source that can
 *   wait to do so.
 * - frames → stdout: a source that can wait does, a camera loses whole frames.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Detector } from '../detector/detector.ts';
import { FrameGate } from '../gate/frame-gate.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { unanswered } from '../lib/never.ts';
import type { ClipMessage } from '../messages/clip.ts';
import type { DetectedFrame, Rejected } from '../messages/detection.ts';
import type { EndReason, PeopleChange, SceneEvent } from '../messages/scene.ts';
import type { Packet, RecordFrame, SourceState } from '../messages/video.ts';
import type { FrameOutput } from '../output/frame-output.ts';
import type { ClipHome } from '../recorder/clip-home.ts';
import { Recorder } from '../recorder/recorder.ts';
import { CameraRing } from '../ring/camera-ring.ts';
import type { Source } from '../source/source.ts';
import type { WhyLog } from '../why/why-log.ts';
import { Absence } from './absence.ts';
import { CameraFigures } from './camera-figures.ts';
import { formatText } from './format-text.ts';
import { type Sight, Watch } from './watch.ts';

/** Who is told of a camera. Nobody's answer steers it. */
export interface CameraNews {
  onScene(event: SceneEvent): void;
  onClip(message: ClipMessage): void;
  onPeople(change: PeopleChange): void;
  onSource(state: SourceState): void;
}

export interface PipelineOptions {
  readonly camera: CameraConfig;
  readonly source: Pick<Source, 'input' | 'isLive' | 'run'>;
  readonly detector: Pick<Detector, 'feed'>;
  readonly news: CameraNews;
  /** where its clips are kept */
  readonly home: ClipHome;
  /** remembers what was decided and why */
  readonly why: WhyLog;
  readonly mintId: (atMs: number) => string;
  /** candidates of a frame while no event is open, for whoever judges settings later */
  readonly onCandidates?: ((atMs: number, candidates: readonly Rejected[]) => void) | undefined;
  readonly output?: FrameOutput | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Pipeline {
  readonly figures: CameraFigures;
  readonly #options: PipelineOptions;
  readonly #isComplete: boolean;
  readonly #gate: FrameGate;
  readonly #watch: Watch;
  readonly #ring: CameraRing;
  readonly #recorder: Recorder;
  readonly #absence: Absence;
  readonly #broken = new AbortController();
  #isOpened = false;
  #lastPtsMs = 0;

  constructor(options: PipelineOptions) {
    const { camera, source, detector, news, home, output, mintId, clock, log } = options;
    this.#options = options;
    this.#isComplete = source.input.kind === 'stdin' || (output !== undefined && !source.isLive);
    const onDetected = (frame: DetectedFrame): void => this.#guarded(() => this.#onDetected(frame));
    this.#gate = new FrameGate({ camera, detector, isComplete: this.#isComplete, onDetected });
    this.#watch = new Watch(camera, mintId);
    const { name, event, record, detect } = camera;
    const onWarning = (fields: object, sentence: string): void => log.warn({ camera: name, ...fields }, sentence);
    this.#ring = new CameraRing({ event, record, detect, onWarning });
    const onMessage = (message: ClipMessage): void => this.#guarded(() => news.onClip(message));
    const onBug = (error: unknown): void => this.#broken.abort(error);
    this.#recorder = new Recorder({ camera: name, event, record, detect, home, clock, log, onMessage, onBug });
    const onLong = (): void => this.#guarded(() => this.#everybodyLeaves('source'));
    this.#absence = new Absence({ patienceMs: event.postRollMs, onLong, clock });
    this.figures = new CameraFigures({ gate: this.#gate, output });
  }

  /** pid of the encoder while an event is open */
  get encoderPid(): number | undefined {
    return this.#recorder.encoderPid;
  }

  /** Nothing more may be written: the clip that grows ends here, the event and its alerts go on. */
  cutShort(reason: string): void {
    this.#recorder.cutShort(reason);
  }

  /**
   * Until the input ends or the signal aborts. An open event is then ended and its clip complete. A bug that shows in a callback
   * ends this camera with its error, and no other.
   */
  async run(stop: AbortSignal): Promise<void> {
    const { source, output } = this.#options;
    const signal = AbortSignal.any([stop, this.#broken.signal]);
    const letGo = (): void => this.#letGo();
    signal.addEventListener('abort', letGo, { once: true });
    try {
      await source.run(
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
      this.#absence.end();
      const { isEventOpen } = this.#watch;
      this.#guarded(() => this.#everybodyLeaves(signal.aborted ? 'stopped' : 'source'));
      try {
        if (!signal.aborted) await output?.finish(isEventOpen);
      } finally {
        this.#letGo();
        signal.removeEventListener('abort', letGo);
        await this.#recorder.close();
        this.#ring.clear();
      }
    }
    if (this.#broken.signal.aborted) throw this.#broken.signal.reason;
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#broken.abort(error);
    }
  }

  /** A source that waits for a reader or for the model must not wait for ever once we stop. */
  #letGo(): void {
    this.#gate.close();
    this.#options.output?.close();
  }

  #onState(state: SourceState): void {
    const { news, why, clock } = this.#options;
    why.onSource(state, { atMs: clock.atMs(), nowMs: clock.nowMs() });
    switch (state.type) {
      case 'opened':
        this.#absence.end();
        this.#onOpened(state);
        break;
      case 'lost':
        this.#absence.begin();
        break;
      case 'ended':
        this.#absence.end();
        break;
      default:
        unanswered(state);
    }
    news.onSource(state);
  }

  #onOpened(opened: SourceState & { type: 'opened' }): void {
    const { camera, source, output, log } = this.#options;
    const { format, formatChanged } = opened;
    if (this.#isOpened && source.isLive) this.#gate.cameBack();
    if (formatChanged) {
      this.#everybodyLeaves('source');
      const ring = this.#ring.open(format);
      this.#recorder.setRing(ring);
      log.info({ camera: camera.name, ...formatText(format) }, ring.plan.sentence);
    }
    this.#watch.lookAnew();
    this.#isOpened = true;
    this.#gate.open(format, formatChanged);
    output?.open(opened);
  }

  #onRecordFrame(frame: RecordFrame): void | Promise<void> {
    this.figures.onPicture();
    this.#ring.addFrame(frame);
    const room = this.#options.output?.addFrame(frame);
    frame.release();
    if (this.#isComplete) return Promise.all([room, this.#recorder.whenReady()]).then(() => undefined);
  }

  #onPacket(packet: Packet): void {
    if (packet.isVideo) this.figures.onPicture();
    this.#ring.addPacket(packet);
  }

  #onDetected(frame: DetectedFrame): void {
    const { why, output, onCandidates } = this.#options;
    this.figures.onDetected(frame);
    this.#lastPtsMs = frame.ptsMs;
    const sight = this.#watch.step(frame);
    this.#gate.attend(sight);
    why.onPicture(frame, sight.tracked, this.#gate.dropped);
    this.#recorder.addTracks(sight.shown);
    if (!sight.isEventOpen) onCandidates?.(frame.atMs, sight.tracked.rejected);
    this.#tell(sight);
    output?.decide(sight.shown, sight.isEventOpen);
  }

  #everybodyLeaves(reason: EndReason): void {
    const { detect } = this.#options.camera;
    this.#tell(this.#watch.close(reason, this.#lastPtsMs + 1000 / detect.fps));
  }

  #tell({ events, people }: Pick<Sight, 'events' | 'people'>): void {
    const { news, why } = this.#options;
    for (const event of events) {
      news.onScene(event);
      why.onScene(event);
      this.#recorder.onScene(event);
    }
    for (const change of people) news.onPeople(change);
  }
}
