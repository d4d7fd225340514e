/**
 * `lookout score`: films against what a person saw in them. Decoding and inference once per film, of every picture: the settings
 * asked for are judged by what the motion gate would have let the model see, the sweep over thresholds by all of it, because with
 * other thresholds the gate would have let through other pictures. Detections are kept in memory (a few hundred bytes a frame).
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Watch } from '../camera/watch.ts';
import type { CameraConfig, Config } from '../config/config.ts';
import { modelOf } from '../config/model.ts';
import { Detector } from '../detector/detector.ts';
import { systemClock } from '../lib/clock.ts';
import { CheckFailed, codeOf, messageOf, UserError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/log.ts';
import type { DetectedFrame } from '../messages/detection.ts';
import { chartOf } from '../score/chart.ts';
import { judge } from '../score/judge.ts';
import { filmTable, type JudgedFilm, summaryLines, sweepTable } from '../score/report.ts';
import { type Bars, missedBars, type Summary, summarise } from '../score/summary.ts';
import { type Scores, type Sweep, sweep } from '../score/sweep.ts';
import { type FilmTruth, readTruth } from '../score/truth.ts';
import { Screening } from './screening.ts';
import { type ConfigFlags, loadConfig } from '../config/load.ts';
import { Progress } from './progress.ts';
import { replay } from './replay.ts';
import type { CommandContext } from './run.ts';
import { print } from './stdout.ts';

export interface ScoreFlags extends ConfigFlags, Bars {
  readonly json?: boolean;
  readonly chart?: string;
}

interface TruthFilm extends FilmTruth {
  readonly path: string;
}

interface DetectedFilm extends TruthFilm {
  readonly frames: readonly DetectedFrame[];
  /** the model looked at each of them, whatever the gate said */
  readonly ungated: readonly DetectedFrame[];
  readonly durationMs: number;
}

export async function scoreCommand(files: readonly string[], flags: ScoreFlags, context: CommandContext): Promise<void> {
  const films = await readTruths(files);
  const config = await loadConfig({ ...flags, input: films[0]?.path ?? '' }, context.env);
  const [camera] = config.cameras;
  if (!camera) throw new Error('Expected one camera');
  const log = createLogger(config.logLevel);
  const detected = await detectAll(films, { camera, config, log, signal: context.signal });
  const judged = judgeAll(detected, camera);
  const summary = summarise(judged.map((film) => film.judged));
  const swept = sweep(camera.detect, (scores) => summariseWith(detected, { camera, scores }));
  if (flags.chart !== undefined) await writeChart(flags.chart, { swept, summary, films: films.length });
  await print(flags.json === true ? json({ camera, judged, summary, swept }) : tables({ judged, summary, swept }));
  const missed = missedBars(summary, flags);
  if (missed.length > 0) throw new CheckFailed(`below the bar: ${missed.join('; ')}`);
}

async function readTruths(files: readonly string[]): Promise<TruthFilm[]> {
  if (files.length === 0)
    throw new UserError('No truth was given', {
      hint: 'lookout score truth.json, or past events with other settings: lookout score --what-if --min-score 0.35',
    });
  const films = (await Promise.all(files.map(async (file) => await readTruthFile(file)))).flat();
  for (const { path, file } of films) {
    const found = await stat(path).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
      throw new UserError(`The film ${path} cannot be read: ${messageOf(cause)}`, {
        hint: 'allow this user to read the file and its folder',
        cause,
      });
    });
    if (!found?.isFile())
      throw new UserError(`The film ${file} is not beside its truth: ${path} is no file`, {
        hint: 'put the video there, or take it out of the list',
      });
  }
  return films;
}

async function readTruthFile(file: string): Promise<TruthFilm[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      codeOf(cause) === 'ENOENT' ? `The truth ${file} does not exist` : `The truth ${file} cannot be read: ${messageOf(cause)}`,
      { hint: 'give the JSON file that lists videos and their clear_intervals', cause },
    );
  });
  const truth = readTruth(parseJson(text, file));
  if ('problems' in truth)
    throw new UserError(`${file} is not right:\n${truth.problems.map((line) => `  ${line}`).join('\n')}`, {
      hint: 'README.md shows the format: {"videos":[{"file":"walk.mp4","clear_intervals":[[6.4,19.5]]}]}',
    });
  return truth.films.map((film) => Object.assign({ path: join(dirname(file), film.file) }, film));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${file} is not JSON: ${messageOf(cause)}`, { hint: 'check it with: jq . FILE', cause });
  }
}

interface DetectOptions {
  readonly camera: CameraConfig;
  readonly config: Config;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function detectAll(films: readonly TruthFilm[], { camera, config, log, signal }: DetectOptions): Promise<DetectedFilm[]> {
  await using detector = await Detector.open({ ...modelOf(config), clock: systemClock, log });
  const detected: DetectedFilm[] = [];
  for (const [i, truth] of films.entries()) {
    const frames: DetectedFrame[] = [];
    const ungated: DetectedFrame[] = [];
    const name = `${i + 1}/${films.length} ${basename(truth.file)}`;
    const progress = new Progress({ stderr: process.stderr, clock: systemClock, name });
    const film: Screening = new Screening({
      camera: { ...camera, input: truth.path, loop: false },
      detector,
      watch: new Watch(camera),
      onSight: (_sight, frame) => {
        frames.push(frame);
        progress.show(frame.ptsMs, film.durationMs);
      },
      onUngated: (frame) => void ungated.push(frame),
      clock: systemClock,
      log,
    });
    await film.run(signal);
    signal.throwIfAborted();
    progress.finish(film.lastPtsMs);
    detected.push({ ...truth, frames, ungated, durationMs: film.lastPtsMs + 1000 / camera.detect.fps });
  }
  return detected;
}

function judgeAll(films: readonly DetectedFilm[], rules: Pick<CameraConfig, 'detect' | 'event'>): JudgedFilm[] {
  return films.map((film) => ({ file: film.file, judged: judge(replay(film.frames, rules), film, film.durationMs) }));
}

function summariseWith(
  films: readonly DetectedFilm[],
  { camera, scores: { minScore, startScore } }: { camera: CameraConfig; scores: Scores },
): Summary {
  const detect = { ...camera.detect, minScore, startScore };
  const everything = films.map((film) => Object.assign({}, film, { frames: film.ungated }));
  return summarise(judgeAll(everything, { detect, event: camera.event }).map(({ judged }) => judged));
}

interface Results {
  readonly judged: readonly JudgedFilm[];
  readonly summary: Summary;
  readonly swept: Sweep;
}

function tables({ judged, summary, swept }: Results): string {
  return [
    filmTable(judged),
    '',
    ...summaryLines(summary),
    '',
    'visits found, and +false alarms, by threshold:',
    sweepTable(swept),
    '',
  ].join('\n');
}

function json({ camera, judged, summary, swept }: Results & { camera: CameraConfig }): string {
  const { minScore, startScore } = camera.detect;
  const films = judged.map(({ file, judged: { visits, kinds } }) => ({ file, visits, events: kinds }));
  return `${JSON.stringify({ minScore, startScore, summary, films, sweep: swept.cells })}\n`;
}

async function writeChart(
  path: string,
  { swept, summary, films }: { swept: Sweep; summary: Summary; films: number },
): Promise<void> {
  const minutes = Math.round(summary.hours * 60);
  const chart = chartOf(swept, {
    title: 'How many visits are found, at which price',
    subtitle: `${summary.visits} visits in ${films} ${films === 1 ? 'film' : 'films'}, ${minutes} minutes that can be judged`,
  });
  try {
    await writeFile(path, chart);
  } catch (cause) {
    throw new UserError(`The chart ${path} cannot be written: ${messageOf(cause)}`, {
      hint: 'give another path to --chart',
      cause,
    });
  }
}
