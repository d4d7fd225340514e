/**
 * One stage alone, in a process of its own → its cost per frame as JSON. usage: stage.ts inference|detector|gate|pipeline FILM
 *
 * The frames are those of the film, decoded before. The floor is bare onnxruntime-node on the same shape, taken in turns with the
 * stage, so that a machine that changes its speed changes both.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Screening } from '../../src/commands/screening.ts';
import { Watch } from '../../src/camera/watch.ts';
import { type CameraConfig, configSchema } from '../../src/config/config.ts';
import { Detector } from '../../src/detector/detector.ts';
import { Model } from '../../src/detector/model.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { DetectFrame, VideoFormat } from '../../src/messages/video.ts';
import { MotionGate } from '../../src/gate/motion-gate.ts';
import { Source } from '../../src/source/source.ts';
import { type Cost, costOf, type Garbage, garbageOf } from './cost.ts';
import { median } from './report.ts';

export interface StageReport {
  readonly stage: string;
  readonly cost: Cost;
  /** bare inference per frame; undefined where the stage does none */
  readonly floor: Cost | undefined;
  readonly garbage: Garbage;
}

const ROUNDS = 5;
const FRAMES = 40;
/** 104 MB of them */
const MAX_PICTURES = 200;
const MODEL_PATH = packagePath('models', 'nanodet-plus-m.onnx');

const log = createLogger('error');

interface Pictures {
  readonly format: VideoFormat;
  readonly frames: readonly Uint8Array[];
}

function cameraOf(film: string): CameraConfig {
  const [camera] = configSchema.parse({ cameras: [{ input: film }] }).cameras;
  if (!camera) throw new Error('Expected a camera');
  return camera;
}

async function decode(film: string, detector: Pick<Detector, 'inputShape'>): Promise<Pictures> {
  const frames: Uint8Array[] = [];
  let format: VideoFormat | undefined;
  const source = new Source({
    camera: cameraOf(film),
    realTime: false,
    withRecording: false,
    inputShape: (size) => detector.inputShape(size),
    stdin: process.stdin,
    clock: systemClock,
    log,
  });
  await source.run(
    {
      onState: (state) => {
        if (state.type === 'opened') format = state.format;
      },
      onDetectFrame: (frame) => {
        if (frames.length < MAX_PICTURES) frames.push(Uint8Array.from(frame.data));
        frame.release();
      },
      onRecordFrame: (frame) => frame.release(),
    },
    new AbortController().signal,
  );
  if (!format) throw new Error(`Expected pictures in ${film}`);
  return { format, frames };
}

async function bareInference({ detect }: VideoFormat): Promise<() => Promise<unknown>> {
  const session = await InferenceSession.create(MODEL_PATH, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const { widthPx, heightPx } = detect;
  const input = new Tensor('float32', new Float32Array(3 * widthPx * heightPx), [1, 3, heightPx, widthPx]);
  const name = session.inputNames[0] ?? '';
  return async () => await session.run({ [name]: input });
}

/** The stage and its floor in turns; of each the median round. */
async function inTurns(
  stage: string,
  { work, floor, pids = [] }: { work: (frame: number) => unknown; floor?: () => unknown; pids?: readonly number[] },
): Promise<StageReport> {
  const costs: Cost[] = [];
  const floors: Cost[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost = await costOf(work, { frames: FRAMES, pids });
    const bare = floor === undefined ? undefined : await costOf(floor, { frames: FRAMES });
    // The first round warms up.
    if (round > 0) costs.push(cost);
    if (round > 0 && bare) floors.push(bare);
  }
  return { stage, cost: middle(costs), floor: floors.length > 0 ? middle(floors) : undefined, garbage: await garbageOf(work) };
}

function middle(costs: readonly Cost[]): Cost {
  return { cpuMs: median(costs.map(({ cpuMs }) => cpuMs)), wallMs: median(costs.map(({ wallMs }) => wallMs)) };
}

/** `inference`: pixels → tensor → session → boxes → NMS, in this process. */
async function inferenceStage({ format, frames }: Pictures): Promise<StageReport> {
  const model = await Model.open({ modelPath: MODEL_PATH, labels: ['person'], minScore: 0.1, threads: 1 });
  const work = async (frame: number): Promise<unknown> => await model.run(at(frames, frame), format.detect);
  return await inTurns('inference', { work, floor: await bareInference(format) });
}

/** `detector`: a frame to the host process and its boxes back. */
async function detectorStage({ format, frames }: Pictures, detector: Detector): Promise<StageReport> {
  const feed = detector.feed('bench', () => undefined);
  const work = async (slot: number): Promise<void> => {
    await feed.submit(frameOf(frames, slot), format);
    await feed.drained();
  };
  return await inTurns('detector', { work, floor: await bareInference(format), pids: [detector.hostPid ?? process.pid] });
}

/** `gate`: whether something moved. */
async function gateStage({ format, frames }: Pictures, { detect }: CameraConfig): Promise<StageReport> {
  const gate = MotionGate.for(format.detect, detect.gate);
  const attention = { level: 'empty', boxes: [] } as const;
  return await inTurns('gate', { work: (slot) => gate?.step({ ptsMs: slot * 200, data: at(frames, slot) }, attention) });
}

/**
 * `pipeline`: gate (off, so that each frame is looked at), detector, tracker and event machine on decoded frames, per frame of a
 * whole film; the floor beside it is inference only, that of decoding stands in the table of analyze.
 */
async function pipelineStage(film: string, detector: Detector, pictures: Pictures): Promise<StageReport> {
  const camera = cameraOf(film);
  const gated = { ...camera, detect: { ...camera.detect, gate: { ...camera.detect.gate, enabled: false } } };
  let frames = 0;
  const onSight = (): void => void (frames += 1);
  const run = async (): Promise<void> => {
    const whole = new Screening({ camera: gated, detector, watch: new Watch(gated), onSight, clock: systemClock, log });
    await whole.run(new AbortController().signal);
  };
  const bare = await bareInference(pictures.format);
  await run();
  frames = 0;
  const whole = await costOf(run, { frames: 1, pids: [detector.hostPid ?? process.pid] });
  const cost = { cpuMs: whole.cpuMs / frames, wallMs: whole.wallMs / frames };
  const floor = await costOf(bare, { frames });
  return { stage: 'pipeline', cost, floor, garbage: await pipelineGarbage(gated, detector, pictures) };
}

/** Tracker and event machine on the answers to real frames: what a frame costs beyond the detector stage. */
async function pipelineGarbage(camera: CameraConfig, detector: Detector, { format, frames }: Pictures): Promise<Garbage> {
  const watch = new Watch(camera);
  const feed = detector.feed('garbage', (frame) => void watch.step(frame));
  return await garbageOf(async (slot) => {
    await feed.submit(frameOf(frames, slot), format);
    await feed.drained();
  });
}

function frameOf(frames: readonly Uint8Array[], slot: number): DetectFrame {
  const [ptsMs, data] = [slot * 200, at(frames, slot)];
  return { slot, ptsMs, atMs: ptsMs, arrivedNowMs: ptsMs, isRepeat: false, data, release: () => undefined };
}

function at(frames: readonly Uint8Array[], i: number): Uint8Array {
  return frames[i % frames.length] as Uint8Array;
}

const [stage, film = ''] = process.argv.slice(2);
await using detector = await Detector.open({ modelPath: MODEL_PATH, labels: ['person'], clock: systemClock, log });
const pictures = await decode(film, detector);
const report =
  stage === 'inference'
    ? await inferenceStage(pictures)
    : stage === 'detector'
      ? await detectorStage(pictures, detector)
      : stage === 'gate'
        ? await gateStage(pictures, cameraOf(film))
        : await pipelineStage(film, detector, pictures);
console.log(JSON.stringify(report));
