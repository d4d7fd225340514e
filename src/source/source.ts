/**
 * Camera, file or stdin → frames. Probes first, forces sizes and rates on our ffmpeg, and owns the one retry loop:
 * whatever ends a live connection, the next one begins after a jittered wait of 0.25 → 5 s, or of minutes where the login was refused.
 */
import type { Readable } from 'node:stream';
import { type Input, isLive, parseInput } from '../../ffmpeg/input.ts';
import type { CameraConfig } from '../config/config.ts';
import { runForever } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { registerUrl } from '../lib/secrets.ts';
import type { SourceState, VideoFormat } from '../messages/video.ts';
import { Axis } from './axis.ts';
import { RefusedLogin } from './causes.ts';
import { type FrameTakers, runConnection } from './connection.ts';
import { chooseFeed, type FeedChoice, whyPictures } from './feed-choice.ts';
import { probe } from './probe.ts';
import { Refusals } from './refusals.ts';
import { type FormatOptions, isSameFormat, type ProbedVideo, videoFormat } from './video-format.ts';
import { peekY4mHeader } from './y4m.ts';

export interface SourceOptions {
  readonly camera: Pick<CameraConfig, 'name' | 'input' | 'loop' | 'record'> & {
    readonly masks?: CameraConfig['masks'];
    readonly detect: Pick<CameraConfig['detect'], 'fps'>;
  };
  /** files play in real time, as a camera would; otherwise as fast as the takers go */
  readonly realTime: boolean;
  /** also deliver recording frames */
  readonly withRecording: boolean;
  /** why raw pictures are needed, whatever the camera sends: the rest of a sentence */
  readonly picturesFor?: string | undefined;
  readonly inputShape: FormatOptions['inputShape'];
  readonly stdin: Readable;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SourceTakers extends FrameTakers {
  onState(state: SourceState): void;
}

const HEALTHY_AFTER_MS = 10_000;
const RETRY = { minMs: 250, maxMs: 5000 };

export class Source {
  readonly input: Input;
  /** the input as it may be shown: no password */
  readonly shown: string;
  /** it comes back after a loss, and cannot be asked to wait */
  readonly isLive: boolean;
  readonly #options: SourceOptions;
  /** only a file can be played again: of stdin ffmpeg would wait for ever, a camera has no beginning */
  readonly #repeats: boolean;
  readonly #axis: Axis;
  readonly #refusals: Refusals;
  #probed: ProbedVideo | undefined;
  #format: VideoFormat | undefined;
  #lost: { readonly reason: string; readonly sinceMs: number } | undefined;

  /** Throws a UserError for an address no camera speaks. */
  constructor(options: SourceOptions) {
    this.#options = options;
    this.shown = registerUrl(options.camera.input);
    this.input = parseInput(options.camera.input);
    this.isLive = isLive(this.input);
    this.#repeats = options.camera.loop && this.input.kind === 'file';
    this.#axis = new Axis(options.clock);
    this.#refusals = new Refusals(options.clock);
  }

  /** Length of a file, known after `opened`. */
  get durationMs(): number | undefined {
    return this.#probed?.durationMs;
  }

  /** Runs until the input ends or the signal aborts. Throws a UserError for a file that can never work. */
  async run(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    const { clock, camera, log } = this.#options;
    await runForever(async () => await this.#tryOnce(takers, signal), {
      ...RETRY,
      healthyAfterMs: HEALTHY_AFTER_MS,
      clock,
      signal,
      onRetry: (error, waitMs) => {
        if (!this.isLive && !this.#repeats) throw error;
        this.#probed = this.isLive ? undefined : this.#probed;
        this.#reportLoss(error, { takers, waitMs });
      },
    });
    if (!signal.aborted) {
      log.debug({ camera: camera.name }, 'the input ended');
      takers.onState({ type: 'ended' });
    }
  }

  /** A camera that was seen once is not given up, whatever comes: a program that is missing for a moment is being upgraded. */
  async #tryOnce(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    try {
      await this.#runOnce(takers, signal);
    } catch (error) {
      if (error instanceof RefusedLogin) throw this.#refusals.answer(error);
      const mayComeBack = error instanceof UserError && this.isLive && this.#format !== undefined;
      throw mayComeBack ? new RetryableError(error.message, { hint: error.hint, cause: error }) : error;
    }
  }

  async #runOnce(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    const { camera, realTime, withRecording, stdin, clock, log } = this.#options;
    const { input, shown } = this;
    this.#probed ??= input.kind === 'stdin' ? await peekY4mHeader(stdin, signal) : await probe(input, { shown, log, signal });
    const choice = this.#choose(this.#probed);
    const opened = this.#toOpen(this.#probed, choice);
    let isOpen = false;
    const open = (): void => {
      if (isOpen) return;
      isOpen = true;
      this.#lost = undefined;
      this.#refusals.forget();
      takers.onState(opened);
    };
    await runConnection(
      {
        input,
        shown,
        format: opened.format,
        realTime: realTime && input.kind === 'file',
        loop: this.#repeats,
        withRecording,
        sound: choice?.sound,
        stdin,
        axis: this.#axis,
        masks: camera.masks ?? [],
        clock,
        log,
        signal,
      },
      {
        onDetectFrame: (frame) => {
          open();
          return takers.onDetectFrame(frame);
        },
        onRecordFrame: (frame) => {
          open();
          return takers.onRecordFrame(frame);
        },
        onInit: (init) => {
          open();
          takers.onInit?.(init);
        },
        onPacket: (packet) => takers.onPacket?.(packet),
      },
    );
    if (!isOpen && !signal.aborted)
      throw new UserError(`${shown} ended before its first picture`, { hint: 'check that the video can be played: ffplay FILE' });
  }

  /** What is said when the first picture comes; the choice of the feed is said now. */
  #toOpen(video: ProbedVideo, choice: FeedChoice | undefined): SourceState & { type: 'opened' } {
    const { camera, inputShape, log } = this.#options;
    const feed = choice?.feed ?? 'frames';
    const format = videoFormat(video, { detect: camera.detect, record: camera.record, inputShape, feed });
    const formatChanged = this.#format === undefined || !isSameFormat(this.#format, format);
    this.#format = format;
    if (choice && formatChanged) log.info({ camera: camera.name, feed }, choice.why);
    return { type: 'opened', format, formatChanged };
  }

  /** Undefined where nothing is recorded. Throws a UserError where packets were asked for and cannot be had. */
  #choose(video: ProbedVideo): FeedChoice | undefined {
    const { camera, withRecording, picturesFor = whyPictures(camera) } = this.#options;
    if (!withRecording) return undefined;
    return chooseFeed(video, { asked: camera.record.feed, input: this.input, shown: this.shown, picturesFor });
  }

  /** One line per change of state, not per try. */
  #reportLoss(error: RetryableError, { takers, waitMs }: { takers: SourceTakers; waitMs: number }): void {
    const { camera, log, clock } = this.#options;
    log.debug({ camera: camera.name, reason: error.message, waitMs: Math.round(waitMs) }, 'trying again');
    const isNews = kindOf(error.message) !== kindOf(this.#lost?.reason ?? '');
    const isPaused = error.waitMs !== undefined;
    if (this.#lost === undefined || (isNews && isPaused)) {
      const sentence = isPaused ? 'camera lost; it is left alone for a while' : 'camera lost; trying again until it is back';
      log.warn({ camera: camera.name, reason: error.message, cure: error.hint }, sentence);
    }
    if (isNews || isPaused) {
      this.#lost = { reason: error.message, sinceMs: this.#lost?.sinceMs ?? clock.atMs() };
      takers.onState({ type: 'lost', ...this.#lost });
    }
  }
}

/** Figures in a sentence (how long it was silent) do not make it another state. */
function kindOf(sentence: string): string {
  return sentence.replace(/[\d.]+/g, '#');
}
