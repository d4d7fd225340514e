/**
 * A film at full speed → detected frames, every one at detect.fps, in order: what `analyze` and `score` look at. Deterministic:
 * all times are those of the film, and the motion gate decides by them.
 */
import type { CameraConfig } from '../config/config.ts';
import type { Detector } from '../detector/detector.ts';
import type { Sight, Watch } from '../camera/watch.ts';
import { FrameGate, type GateCounts } from '../gate/frame-gate.ts';
import type { Clock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { DetectedFrame } from '../messages/detection.ts';
import type { VideoFormat } from '../messages/video.ts';
import { Source } from '../source/source.ts';

export interface ScreeningOptions {
  readonly camera: CameraConfig;
  readonly detector: Detector;
  /** what the people behind the model are followed by; the gate asks it, too */
  readonly watch: Watch;
  readonly onSight: (sight: Sight, frame: DetectedFrame) => void;
  /** see FrameGate */
  readonly onUngated?: (frame: DetectedFrame) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Screening {
  readonly #source: Source;
  readonly #gate: FrameGate;
  #format: VideoFormat | undefined;
  #lastPtsMs = 0;

  /** Throws a UserError for an input that has no end. */
  constructor({ camera, detector, watch, onSight, onUngated, clock, log }: ScreeningOptions) {
    this.#source = new Source({
      camera,
      realTime: false,
      withRecording: false,
      inputShape: (size) => detector.inputShape(size),
      stdin: process.stdin,
      clock,
      log,
    });
    if (this.#source.isLive)
      throw new UserError(`${this.#source.shown} has no end`, {
        hint: 'give a file; a camera is watched with: lookout run -i …',
      });
    this.#gate = new FrameGate({
      camera,
      detector,
      isComplete: true,
      ...(onUngated ? { onUngated } : {}),
      onDetected: (frame) => {
        this.#lastPtsMs = frame.ptsMs;
        const sight = watch.step(frame);
        this.#gate.attend(sight);
        onSight(sight, frame);
      },
    });
  }

  /** As the file says, once it is open. */
  get durationMs(): number | undefined {
    return this.#source.durationMs;
  }

  get format(): VideoFormat | undefined {
    return this.#format;
  }

  /** Of the newest detected frame. */
  get lastPtsMs(): number {
    return this.#lastPtsMs;
  }

  get counts(): GateCounts {
    return this.#gate.counts;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#source.run(
      {
        onState: (state) => {
          if (state.type !== 'opened') return;
          this.#format = state.format;
          this.#gate.open(state.format, state.formatChanged);
        },
        onDetectFrame: (frame) => this.#gate.take(frame),
        onRecordFrame: (frame) => frame.release(),
      },
      signal,
    );
    if (!signal.aborted) await this.#gate.drained();
  }
}
