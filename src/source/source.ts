/**
 * Camera, file or stdin → frames. Probes first, forces sizes and rates on our ffmpeg, and owns the one retry loop:
 * whatever ends a live connection, the next one begins after a jittered wait of 0.25 → 5 s.
 */
import type { Readable } from 'node:stream';
import { type Input, isLive, parseInput } from '../../ffmpeg/input.ts';
import type { CameraConfig } from '../config.ts';
import { runForever } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { type RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { registerUrl } from '../lib/secrets.ts';
import type { SourceState, VideoFormat } from '../messages.ts';
import { Axis } from './axis.ts';
import { type FrameTakers, runConnection } from './connection.ts';
import { probe } from './probe.ts';
import { type FormatOptions, isSameFormat, type ProbedVideo, videoFormat } from './video-format.ts';
import { peekY4mHeader } from './y4m.ts';

export interface SourceOptions {
  readonly camera: Pick<CameraConfig, 'name' | 'input' | 'loop' | 'detect' | 'record'>;
  /** files play in real time, as a camera would; otherwise as fast as the takers go */
  readonly realTime: boolean;
  /** also deliver recording frames */
  readonly withRecording: boolean;
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
  readonly #axis: Axis;
  #probed: ProbedVideo | undefined;
  #format: VideoFormat | undefined;
  #lostReason: string | undefined;

  /** Throws a UserError for an address no camera speaks. */
  constructor(options: SourceOptions) {
    this.#options = options;
    this.shown = registerUrl(options.camera.input);
    this.input = parseInput(options.camera.input);
    this.isLive = isLive(this.input);
    this.#axis = new Axis(options.clock);
  }

  /** Length of a file, known after `opened`. */
  get durationMs(): number | undefined {
    return this.#probed?.durationMs;
  }

  /** Runs until the input ends or the signal aborts. Throws a UserError for a file that can never work. */
  async run(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    const { clock, camera, log } = this.#options;
    await runForever(async () => await this.#runOnce(takers, signal), {
      ...RETRY,
      healthyAfterMs: HEALTHY_AFTER_MS,
      clock,
      signal,
      onRetry: (error, waitMs) => {
        if (!this.isLive && !camera.loop) throw error;
        this.#probed = this.isLive ? undefined : this.#probed;
        this.#reportLoss(error, { takers, waitMs });
      },
    });
    if (!signal.aborted) {
      log.debug({ camera: camera.name }, 'the input ended');
      takers.onState({ type: 'ended' });
    }
  }

  async #runOnce(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    const { camera, realTime, withRecording, stdin, clock, log, inputShape } = this.#options;
    const { input, shown } = this;
    this.#probed ??= input.kind === 'stdin' ? await peekY4mHeader(stdin, signal) : await probe(input, { shown, log, signal });
    const format = videoFormat(this.#probed, { detect: camera.detect, record: camera.record, inputShape });
    const opened = {
      type: 'opened',
      format,
      formatChanged: this.#format === undefined || !isSameFormat(this.#format, format),
    } as const;
    this.#format = format;
    let isOpen = false;
    const open = (): void => {
      if (isOpen) return;
      isOpen = true;
      this.#lostReason = undefined;
      takers.onState(opened);
    };
    await runConnection(
      {
        input,
        shown,
        format,
        realTime: realTime && input.kind === 'file',
        loop: camera.loop,
        withRecording,
        stdin,
        axis: this.#axis,
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
      },
    );
    if (!isOpen && !signal.aborted)
      throw new UserError(`${shown} ended before its first picture`, { hint: 'check that the video can be played: ffplay FILE' });
  }

  /** One line per change of state, not per try. */
  #reportLoss(error: RetryableError, { takers, waitMs }: { takers: SourceTakers; waitMs: number }): void {
    const { camera, log, clock } = this.#options;
    log.debug({ camera: camera.name, reason: error.message, waitMs: Math.round(waitMs) }, 'trying again');
    if (this.#lostReason === error.message) return;
    if (this.#lostReason === undefined || kindOf(error.message) !== kindOf(this.#lostReason)) {
      log.warn({ camera: camera.name, reason: error.message, cure: error.hint }, 'camera lost; trying again until it is back');
      takers.onState({ type: 'lost', reason: error.message, sinceMs: clock.atMs() });
    }
    this.#lostReason = error.message;
  }
}

/** Figures in a sentence (how long it was silent) do not make it another state. */
function kindOf(sentence: string): string {
  return sentence.replace(/[\d.]+/g, '#');
}
