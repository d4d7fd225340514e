/**
 * A film at full speed → detected frames, every one at detect.fps, in order: what `analyze` and `score` look at. Deterministic:
 * all times are those of the film.
 */
import type { CameraConfig } from '../config.ts';
import type { Detector, DetectorFeed } from '../detector/detector.ts';
import { Settling } from '../event/settling.ts';
import type { Clock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { DetectedFrame, DetectFrame, VideoFormat } from '../messages.ts';
import { Source } from '../source/source.ts';

export interface FilmOptions {
  readonly camera: CameraConfig;
  readonly detector: Detector;
  readonly onDetected: (frame: DetectedFrame) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Film {
  readonly #source: Source;
  readonly #feed: DetectorFeed;
  readonly #settling: Settling;
  readonly #onDetected: (frame: DetectedFrame) => void;
  #format: VideoFormat | undefined;
  #lastPtsMs = 0;
  #inferences = 0;

  /** Throws a UserError for an input that has no end. */
  constructor({ camera, detector, onDetected, clock, log }: FilmOptions) {
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
    this.#settling = new Settling(camera.event);
    this.#onDetected = (frame) => {
      this.#lastPtsMs = frame.ptsMs;
      onDetected(this.#settling.isUnsettled(frame.ptsMs) ? { ...frame, isUnsettled: true } : frame);
    };
    this.#feed = detector.feed(camera.name, this.#onDetected);
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

  get inferences(): number {
    return this.#inferences;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#source.run(
      {
        onState: (state) => {
          if (state.type === 'opened') this.#format = state.format;
        },
        onDetectFrame: (frame) => this.#onDetectFrame(frame),
        onRecordFrame: (frame) => frame.release(),
      },
      signal,
    );
    if (!signal.aborted) await this.#feed.drained();
  }

  async #onDetectFrame(frame: DetectFrame): Promise<void> {
    if (!this.#format) throw new Error('Expected a format before the first frame');
    this.#settling.look(frame, this.#format.detect);
    if (!frame.isRepeat) {
      this.#inferences += 1;
      await this.#feed.submit(frame, this.#format);
      return;
    }
    const { slot, ptsMs, atMs, arrivedNowMs } = frame;
    frame.release();
    await this.#feed.drained();
    this.#onDetected({ slot, ptsMs, atMs, arrivedNowMs, isRepeat: true, detections: [], latencyMs: 0 });
  }
}
