/**
 * `lookout analyze`: a file at full speed through the same source, detector, tracker and event machine; one JSON line per event
 * on stdout. Deterministic: no frame at detect.fps is left out by chance, and all times are those of the film.
 */
import { type Sight, Watch } from '../camera/watch.ts';
import type { CameraConfig } from '../config/config.ts';
import { modelOf } from '../config/model.ts';
import { Detector } from '../detector/detector.ts';
import type { Clock } from '../lib/clock.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger, type Logger } from '../lib/log.ts';
import { Screening } from './screening.ts';
import { type ConfigFlags, loadConfig } from '../config/load.ts';
import { Progress } from './progress.ts';
import type { CommandContext } from './run.ts';
import { print, stdoutFailure, throwUnlessReaderGone } from './stdout.ts';
import { VisitLog } from './visit-log.ts';

export async function analyzeCommand(file: string, flags: ConfigFlags, { env, signal }: CommandContext): Promise<void> {
  const config = await loadConfig({ ...flags, input: file }, env);
  const [camera] = config.cameras;
  if (!camera) throw new Error('Expected one camera for one file');
  const log = createLogger(config.logLevel);
  await using detector = await Detector.open({ ...modelOf(config), clock: systemClock, log });
  const analysis = new Analysis({ camera, detector, clock: systemClock, log });
  const failed = stdoutFailure();
  await analysis.run(AbortSignal.any([signal, failed]));
  if (!failed.aborted) await print('');
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
  readonly #film: Screening;
  readonly #watch: Watch;
  readonly #visits = new VisitLog((line) => process.stdout.write(`${line}\n`));
  readonly #progress: Progress;
  readonly #log: Logger;

  constructor({ camera, detector, clock, log }: AnalysisParts) {
    this.#log = log;
    this.#watch = new Watch(camera);
    this.#film = new Screening({ camera, detector, watch: this.#watch, onSight: (sight) => this.#onSight(sight), clock, log });
    this.#progress = new Progress({ stderr: process.stderr, clock });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#film.run(signal);
    const { lastPtsMs, counts, format } = this.#film;
    for (const event of this.#watch.close('source', lastPtsMs).events) this.#visits.onEvent(event);
    this.#progress.finish(lastPtsMs);
    const { widthPx, heightPx } = format?.detect ?? {};
    const { pictures, spared } = counts;
    this.#log.debug({ pictures, inferences: pictures - spared, widthPx, heightPx, filmMs: lastPtsMs }, 'analysed');
  }

  #onSight({ events, tracked }: Sight): void {
    for (const event of events) this.#visits.onEvent(event);
    this.#visits.onTracks(tracked);
    this.#progress.show(tracked.ptsMs, this.#film.durationMs);
  }
}
