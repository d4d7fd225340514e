/**
 * `lookout inspect`: what a model is and why, how fast it is on this machine, and what it finds on photos — by the very decoder,
 * host process and rules that `run` uses. `--json` prints one object for programs and leaves out what differs from run to run.
 */
import { basename, extname } from 'node:path';
import { modelReport, timingLine } from './inspect-report.ts';
import { readPhoto } from './photo.ts';
import { writeBoxes } from './photo-boxes.ts';
import type { CommandContext } from './run.ts';
import { print } from './stdout.ts';
import { CAMERA_DEFAULTS } from '../config/defaults.ts';
import { HostLost, HostProcess } from '../detector/host-process.ts';
import { type Bitmap, frameOf } from '../detector/resample.ts';
import { type FrameShape, frameShape, toDetection } from '../detector/shape.ts';
import { type ModelInfo, NONSENSE_HINT } from '../detector/wire.ts';
import { UserError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/log.ts';
import { round } from '../lib/round.ts';
import type { Detection } from '../messages/detection.ts';
import type { DetectFrame, SizePx } from '../messages/video.ts';

const LOAD_DEADLINE_MS = 30_000;
const DEADLINE_MS = 30_000;
const CAMERA_SIZE: SizePx = { widthPx: 1280, heightPx: 720 };
/** Enough inferences for a median, or as many as fit the time. */
const TIMED_RUNS = 15;
const TIMED_MS = 3000;

export interface InspectFlags {
  readonly model: string;
  readonly photos: readonly string[];
  readonly modelFamily?: string;
  readonly minScore?: number;
  readonly json?: boolean;
}

/** What the model is asked about. */
interface Question {
  readonly shape: FrameShape;
  /** planar G, B, R of `shape` */
  readonly frame: Uint8Array;
}

/** One photo and what was found on it. */
interface Findings {
  readonly photo: string;
  readonly bitmap: Bitmap;
  readonly question: Question;
  readonly detections: readonly Detection[];
}

export async function inspectCommand(flags: InspectFlags, { signal }: CommandContext): Promise<void> {
  const log = createLogger('error');
  await using host = await openHost(flags, { threads: 1, log, signal });
  const { model } = host;
  if (flags.json !== true) await write(modelReport(flags.model, model));
  const findings: Findings[] = [];
  for (const photo of flags.photos) {
    const found = await findOn(photo, { host, log, signal });
    findings.push(found);
    if (flags.json !== true) await show(found);
  }
  if (flags.json === true) {
    await write([JSON.stringify(asJson(model, findings))]);
    return;
  }
  await using second = await openHost(flags, { threads: 2, log, signal });
  const frame = findings[0]?.question ?? greyQuestion(model);
  await write([timingLine([await medianMs(host, frame), await medianMs(second, frame)])]);
}

interface HostChoice {
  readonly threads: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function openHost(
  { model, modelFamily, minScore }: InspectFlags,
  { threads, log, signal }: HostChoice,
): Promise<HostProcess> {
  return await HostProcess.open({
    modelPath: model,
    family: modelFamily,
    labels: [],
    minScore: minScore ?? CAMERA_DEFAULTS.detect.minScore,
    threads,
    loadDeadlineMs: LOAD_DEADLINE_MS,
    deadlineMs: DEADLINE_MS,
    log,
    signal,
  });
}

interface FindOptions {
  readonly host: HostProcess;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function findOn(photo: string, { host, log, signal }: FindOptions): Promise<Findings> {
  const { model } = host;
  const bitmap = await readPhoto(photo, { log, signal });
  const shape = frameShape(model, bitmap);
  const question: Question = { shape, frame: frameOf(bitmap, { shape, how: model.resampling }) };
  const { candidates } = await ask(host, question);
  const options = { picture: shape.picture, labels: model.labels };
  const detections = candidates.map((candidate) => toDetection(candidate, options)).toSorted((a, b) => b.score - a.score);
  return { photo, bitmap, question, detections };
}

/** A model that hangs or dies on a picture is not usable, however well it loads. */
async function ask(host: HostProcess, { frame, shape }: Question): ReturnType<HostProcess['infer']> {
  const lease: DetectFrame = {
    slot: 0,
    ptsMs: 0,
    atMs: 0,
    arrivedNowMs: 0,
    isRepeat: false,
    data: frame,
    release: () => undefined,
  };
  try {
    const answer = await host.infer(lease, shape);
    if (answer.flaw !== undefined) throw new UserError(`The model answers nonsense: ${answer.flaw}`, { hint: NONSENSE_HINT });
    return answer;
  } catch (cause) {
    if (!(cause instanceof HostLost)) throw cause;
    throw new UserError(`The model fails on a picture: ${cause.message}`, { hint: 'leave it out of lookout run -m', cause });
  }
}

/** Milliseconds of preparing a frame, running the model and reading its answer. */
async function medianMs(host: HostProcess, question: Question): Promise<number> {
  await ask(host, question);
  const times: number[] = [];
  for (let spentMs = 0; times.length < TIMED_RUNS && spentMs < TIMED_MS; ) {
    const { inferMs } = await ask(host, question);
    times.push(inferMs);
    spentMs += inferMs;
  }
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function greyQuestion(model: ModelInfo): Question {
  const shape = frameShape(model, CAMERA_SIZE);
  return { shape, frame: new Uint8Array(shape.widthPx * shape.heightPx * 3).fill(model.border) };
}

async function show({ photo, detections, bitmap }: Findings): Promise<void> {
  const path = `${basename(photo, extname(photo))}-boxes.jpg`;
  await writeBoxes(path, { photo: bitmap, detections });
  const { widthPx, heightPx } = bitmap;
  const lines = detections.map(({ label, score, box }, i) => {
    const [x, y, w, h] = [box.x * widthPx, box.y * heightPx, box.w * widthPx, box.h * heightPx].map((px) =>
      String(Math.round(px)).padStart(5),
    );
    return `  #${String(i + 1).padEnd(4)}${label.padEnd(16)}${score.toFixed(3)}   x${x}  y${y}  w${w}  h${h} px`;
  });
  const count = detections.length === 0 ? 'nothing found' : `${detections.length} found`;
  await write(['', `${photo} (${widthPx} × ${heightPx}): ${count}, drawn into ${path}`, ...lines]);
}

/** A hundredth of a pixel of a photo 1000 px wide. */
const digits = (value: number): number => round(value, 5);

function asJson(model: ModelInfo, findings: readonly Findings[]): object {
  return {
    family: model.family,
    inputs: model.inputs,
    outputs: model.outputs,
    classes: model.labels,
    detections: findings.flatMap(({ photo, detections }) =>
      detections.map(({ label, score, box: { x, y, w, h } }) => ({
        photo,
        label,
        score: digits(score),
        box: { x: digits(x), y: digits(y), w: digits(w), h: digits(h) },
      })),
    ),
  };
}

async function write(lines: readonly string[]): Promise<void> {
  await print(`${lines.join('\n')}\n`);
}
