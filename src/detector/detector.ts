/**
 * Frames of all cameras → detections, by one host process. Cameras take turns; of a live camera only the newest frame waits
 * and the ones it displaces are counted. A host that dies or hangs is started again; the cameras go on meanwhile.
 */
import { runForever } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { sharpnessOf } from './sharpness.ts';
import type { DetectedFrame, Detection, DetectorFeed } from '../messages/detection.ts';
import type { DetectFrame, SizePx, VideoFormat } from '../messages/video.ts';
import { HostLost, HostProcess } from './host-process.ts';
import { indicesOf, unionOf } from './labels.ts';
import { type FrameShape, frameShape, toDetection } from './shape.ts';
import { type Turn, Turns, type Waiting } from './turns.ts';
import { type Answer, type ModelInfo, NONSENSE_HINT } from './wire.ts';

/** Everything at least this good is reported; the tracker's thresholds come later, and the why-log wants the rest. */
const REPORT_SCORE = 0.1;
/** A second frame on its way hides the round trip; more would only make the newest frame old. */
const MAX_IN_FLIGHT = 2;
/** Candidates below this score are too many to measure, and stand for no picture of an event. */
const MEASURED_SCORE = 0.25;
const DEFAULT_DEADLINE_MS = 5000;
/** A model may be optimised for seconds before its first answer. */
const DEFAULT_LOAD_DEADLINE_MS = 30_000;

export interface DetectorOptions {
  readonly modelPath: string;
  /** states the model's family instead of letting it be recognised */
  readonly family?: string | undefined;
  /** what is looked for until a camera says what it looks for; none means every class of the model */
  readonly labels: readonly string[];
  readonly threads?: number;
  /** per inference */
  readonly deadlineMs?: number;
  /** until the model is loaded and has answered its first picture */
  readonly loadDeadlineMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** gives up the loading */
  readonly signal?: AbortSignal;
}

export interface DetectorHealth {
  readonly isRunning: boolean;
  readonly reason?: string;
  /** it runs, but what it answers cannot be believed: why, in a sentence */
  readonly flaw?: string;
}

export class Detector implements AsyncDisposable {
  readonly model: ModelInfo;
  readonly #options: DetectorOptions;
  readonly #turns = new Turns();
  /** what each camera looks for */
  readonly #lookedFor = new Map<Turn, readonly string[]>();
  /** what the host is to report: all of that */
  #labels: readonly string[];
  readonly #closing = new AbortController();
  #host: HostProcess | undefined;
  #inFlight = 0;
  #reason: string | undefined;
  #flaw: string | undefined;
  readonly #running: Promise<void>;

  /** Loads the model. Throws a UserError for a file that is no usable model. */
  static async open(options: DetectorOptions): Promise<Detector> {
    return new Detector(options, await openHost(options, options.signal ?? new AbortController().signal));
  }

  private constructor(options: DetectorOptions, host: HostProcess) {
    this.model = host.model;
    this.#options = options;
    this.#labels = options.labels;
    this.#running = this.#keepHost(host);
  }

  get health(): DetectorHealth {
    if (this.#reason !== undefined) return { isRunning: false, reason: this.#reason };
    return this.#flaw === undefined ? { isRunning: true } : { isRunning: true, flaw: this.#flaw };
  }

  /** The process that runs the model, while it runs. */
  get hostPid(): number | undefined {
    return this.#host?.pid;
  }

  /** The frame that the model wants of a picture of this size. */
  inputShape(source: SizePx): FrameShape {
    return frameShape(this.model, source);
  }

  /** The cameras that take turns now. */
  get cameras(): readonly string[] {
    return this.#turns.cameras;
  }

  /**
   * `onDetected` is called once per frame that was answered, in order, with what any of the cameras looks for. Throws a UserError
   * for a label that the model does not know; the other cameras go on.
   */
  feed(camera: string, onDetected: (frame: DetectedFrame) => void, labels = this.#options.labels): DetectorFeed {
    this.#indicesOf(labels);
    const turn = this.#turns.add(camera, onDetected);
    this.#lookedFor.set(turn, labels);
    this.#lookForAll();
    return {
      offer: (frame, format) => {
        turn.offer({ frame, format });
        this.#pump();
      },
      submit: async (frame, format) => {
        const room = turn.submit({ frame, format });
        this.#pump();
        await room;
      },
      drained: async () => await turn.drained(),
      close: () => this.#forget(turn),
      get isIdle() {
        return turn.isIdle;
      },
      get dropped() {
        return turn.dropped;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#turns.clear();
  }

  #forget(turn: Turn): void {
    this.#turns.remove(turn);
    this.#lookedFor.delete(turn);
    if (this.#lookedFor.size > 0) this.#lookForAll();
  }

  /** The host goes on as it is, and hears only of a change. */
  #lookForAll(): void {
    const labels = unionOf([...this.#lookedFor.values()]);
    if (labels.length === this.#labels.length && labels.every((label, i) => label === this.#labels[i])) return;
    this.#labels = labels;
    this.#host?.lookFor(this.#indicesOf(labels));
  }

  #indicesOf(labels: readonly string[]): number[] {
    return indicesOf(labels, { labels: this.model.labels, shown: this.#options.modelPath });
  }

  #pump(): void {
    while (this.#host && this.#inFlight < MAX_IN_FLIGHT) {
      const next = this.#turns.next();
      if (!next) return;
      this.#inFlight += 1;
      void this.#ask(this.#host, next);
    }
  }

  async #ask(host: HostProcess, waiting: Waiting): Promise<void> {
    const { frame, format, turn } = waiting;
    try {
      const answer = await host.infer(frame, format.detect);
      this.#heed(answer);
      turn.answer(waiting, this.#detected(frame, { format, answer }));
    } catch (error) {
      if (!(error instanceof HostLost)) throw error;
      // Nobody may be sent to it any more, from this moment on.
      if (this.#host === host) this.#host = undefined;
      turn.failed(waiting, error);
    } finally {
      this.#inFlight -= 1;
    }
    this.#pump();
  }

  #heed({ flaw }: Answer): void {
    const sentence = flaw === undefined ? undefined : `the model ${this.#options.modelPath} answers nonsense: ${flaw}`;
    if (sentence === this.#flaw) return;
    if (sentence === undefined) this.#options.log.info('the model answers sensibly again');
    else if (this.#flaw === undefined) this.#options.log.error({ reason: sentence, hint: NONSENSE_HINT }, 'nobody can be seen');
    this.#flaw = sentence;
  }

  #detected(frame: DetectFrame, { format, answer }: { format: VideoFormat; answer: Answer }): DetectedFrame {
    const { slot, ptsMs, atMs, arrivedNowMs, isRepeat: isSpared } = frame;
    const options = { picture: format.detect.picture, labels: this.model.labels };
    const detections = answer.candidates.map((candidate) => measured(toDetection(candidate, options), frame, format.detect));
    const latencyMs = this.#options.clock.nowMs() - arrivedNowMs;
    const pictureAspect = format.source.widthPx / format.source.heightPx;
    return { slot, ptsMs, atMs, arrivedNowMs, isSpared, detections, latencyMs, pictureAspect };
  }

  /** The one retry loop of the host process. */
  async #keepHost(first: HostProcess): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
    const closed = whenAborted(signal);
    let next: HostProcess | undefined = first;
    const runOnce = async (): Promise<void> => {
      await using host = next ?? (await this.#reopen());
      if (!next) log.info('detector is back');
      next = undefined;
      this.#reason = undefined;
      this.#host = host;
      // They may be others than when it was started.
      host.lookFor(this.#indicesOf(this.#labels));
      if (!signal.aborted) this.#pump();
      const reason = await Promise.race([host.lost, closed]);
      this.#host = undefined;
      throw new RetryableError(reason);
    };
    await runForever(runOnce, {
      minMs: 250,
      maxMs: 5000,
      healthyAfterMs: 60_000,
      clock,
      signal,
      onRetry: (error) => {
        if (this.#reason === undefined) log.error({ reason: error.message }, 'detector lost; starting it again');
        this.#reason = error.message;
      },
    });
  }

  /** The model was good when we began: whatever keeps it from loading now may pass. */
  async #reopen(): Promise<HostProcess> {
    try {
      return await openHost({ ...this.#options, labels: this.#labels }, this.#closing.signal);
    } catch (cause) {
      if (!(cause instanceof UserError)) throw cause;
      throw new RetryableError(cause.message, { hint: cause.hint, cause });
    }
  }
}

/** With its sharpness, where it may become a hit: the frame is at hand here for the last time. */
function measured(detection: Detection, { data }: DetectFrame, detect: VideoFormat['detect']): Detection {
  if (detection.score < MEASURED_SCORE) return detection;
  const { picture, widthPx, heightPx } = detect;
  const { x, y, w, h } = detection.box;
  const rect = {
    leftPx: picture.leftPx + x * picture.widthPx,
    topPx: picture.topPx + y * picture.heightPx,
    widthPx: w * picture.widthPx,
    heightPx: h * picture.heightPx,
  };
  // The green plane comes first, and is most of the brightness.
  return { ...detection, sharpness: sharpnessOf({ data, widthPx, heightPx }, rect) };
}

async function whenAborted(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return 'closing';
}

async function openHost(options: DetectorOptions, signal: AbortSignal): Promise<HostProcess> {
  const { modelPath, family, labels, log, threads = 1 } = options;
  const { deadlineMs = DEFAULT_DEADLINE_MS, loadDeadlineMs = DEFAULT_LOAD_DEADLINE_MS } = options;
  const model = { modelPath, family, labels, minScore: REPORT_SCORE, threads };
  return await HostProcess.open({ ...model, deadlineMs, loadDeadlineMs, log, signal });
}
