/**
 * `lookout analyze`: a file at full speed through the same source, detector, tracker and event machine; one JSON line per event
 * on stdout. Deterministic: every frame at detect.fps is looked at, and all times are those of the film.
 */
import type { CameraConfig } from '../config.ts';
import { Detector, type DetectorFeed } from '../detector/detector.ts';
import { SceneMachine } from '../event/scene-machine.ts';
import type { Clock } from '../lib/clock.ts';
import { systemClock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/log.ts';
import { packagePath } from '../lib/package-root.ts';
import type { DetectedFrame, DetectFrame, VideoFormat } from '../messages.ts';
import { Source } from '../source/source.ts';
import { Tracker } from '../tracker/tracker.ts';
import { type ConfigFlags, loadConfig } from './load-config.ts';
import { Progress } from './progress.ts';
import type { CommandContext } from './run.ts';
import { stdoutFailure, throwUnlessReaderGone } from './stdout.ts';
import { VisitLog } from './visit-log.ts';

export async function analyzeCommand(file: string, flags: ConfigFlags, { env, signal }: CommandContext): Promise<void> {
  const config = await loadConfig({ ...flags, input: file }, env);
  const [camera] = config.cameras;
  if (!camera) throw new Error('Expected one camera for one file');
  const log = createLogger(config.logLevel);
  await using detector = await Detector.open({
    modelPath: config.model ?? packagePath('models', 'nanodet-plus-m.onnx'),
    family: config.modelFamily,
    labels: camera.detect.labels,
    clock: systemClock,
    log,
  });
  const analysis = new Analysis({ camera, detector, clock: systemClock, log });
  const failed = stdoutFailure();
  await analysis.run(AbortSignal.any([signal, failed]));
  throwUnlessReaderGone(failed);
  signal.throwIfAborted();
}

interface AnalysisParts {
  readonly camera: CameraConfig;
  readonly detector: Detector;
  readonly clock: Clock;
  readonly log: Logger;
}

class Analysis {
  readonly #source: Source;
  readonly #feed: DetectorFeed;
  readonly #tracker: Tracker;
  readonly #scene: SceneMachine;
  readonly #visits = new VisitLog((line) => process.stdout.write(`${line}\n`));
  readonly #progress: Progress;
  readonly #log: Logger;
  #format: VideoFormat | undefined;
  #lastPtsMs = 0;
  #inferences = 0;

  constructor({ camera, detector, clock, log }: AnalysisParts) {
    this.#log = log;
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
        hint: 'give analyze a file; a camera is watched with: lookout run -i …',
      });
    this.#feed = detector.feed(camera.name, (frame) => this.#onDetected(frame));
    this.#tracker = new Tracker(camera.detect);
    this.#scene = new SceneMachine({ event: camera.event, mintId: () => 'event' });
    this.#progress = new Progress({ stderr: process.stderr, clock });
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
    for (const event of this.#scene.close('source', this.#lastPtsMs)) this.#visits.onEvent(event);
    this.#progress.finish(this.#lastPtsMs);
    const { widthPx, heightPx } = this.#format?.detect ?? {};
    this.#log.debug({ inferences: this.#inferences, widthPx, heightPx, filmMs: this.#lastPtsMs }, 'analysed');
  }

  async #onDetectFrame(frame: DetectFrame): Promise<void> {
    if (!this.#format) throw new Error('Expected a format before the first frame');
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

  #onDetected(frame: DetectedFrame): void {
    this.#lastPtsMs = frame.ptsMs;
    const tracked = this.#tracker.step(frame);
    for (const event of this.#scene.step(tracked)) this.#visits.onEvent(event);
    this.#visits.onTracks(tracked);
    this.#progress.show(frame.ptsMs, this.#source.durationMs);
  }
}
