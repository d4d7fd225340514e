/**
 * What cameras share: store, publisher, detector, server. Opened in this order, closed in the reverse one; each camera is a
 * Pipeline that brings its news to one desk.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { ulid } from 'ulid';
import { CameraState, zonesOf } from '../camera/camera-state.ts';
import type { Config } from '../config/config.ts';
import { AlertDesk } from '../alerts/alert-desk.ts';
import { AlertLog } from '../alerts/alert-log.ts';
import { NewsDesk } from './news-desk.ts';
import { Detector, type DetectorOptions } from '../detector/detector.ts';
import type { EventFacts } from '../messages/event.ts';
import type { BrokerHealth, Health, StorageView } from '../messages/health.ts';
import { answerWhy } from '../why/why-answer.ts';
import { WhyLog } from '../why/why-log.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { packagePath } from '../lib/package-root.ts';
import type { FrameOutput } from '../output/frame-output.ts';
import { Pipeline, type PipelineOptions } from '../camera/pipeline.ts';
import { AlertBook } from '../alerts/alert-book.ts';
import { Publisher } from '../publisher/publisher.ts';
import { viewOf } from '../server/event-view.ts';
import { Server } from '../server/server.ts';
import { CandidateLog } from '../store/past/candidate-log.ts';
import { StorageKeeper } from '../store/retention/keeper.ts';
import { Store } from '../store/store.ts';
import { limitsOf } from '../config/keeping.ts';
import type { WhyAnswer, WhyQuestion } from '../messages/why.ts';

const TICK_MS = 1000;
const STATS_EVERY_TICKS = 60;

export interface AppOptions {
  readonly config: Config;
  /** taken ports give the next free ones (the demo) */
  readonly fallbackPorts?: boolean;
  readonly output?: (isLive: boolean) => FrameOutput;
  readonly stdin: Readable;
  readonly clock: Clock;
  readonly log: Logger;
  /** everything is open; the cameras start now */
  readonly onReady?: (app: RunningApp) => void;
}

export interface RunningApp {
  /** the page, or undefined with http.listen off */
  readonly url: string | undefined;
  readonly broker: BrokerHealth;
  readonly detector: Detector;
  readonly pipelines: readonly Pipeline[];
  readonly storage: StorageView & { readonly dir: string; readonly id: string };
}

/** Runs until every input ended or the signal aborts; open events are then ended, their clips complete, and nothing is left behind. */
export async function runApp(options: AppOptions, signal: AbortSignal): Promise<void> {
  const { config, clock, log, fallbackPorts = false } = options;
  const cameras = new Map(config.cameras.map(({ name, detect }) => [name, new CameraState(name, clock.atMs(), zonesOf(detect))]));
  await using store = await Store.open({ dir: config.storage.dir, id: config.storage.id, clock, log });
  const node = config.node ?? nodeName();
  const alertLog = new AlertLog({ node, log });
  const { mqtt } = config;
  await using publisher =
    mqtt.url === 'off' ? undefined : await Publisher.open({ node, mqtt, clock, log, fallbackPort: fallbackPorts });
  const off: BrokerHealth = { state: 'off', url: 'off', sinceMs: clock.atMs(), waitingAlerts: 0, droppedAlerts: 0 };
  if (publisher) alertLog.attach(publisher);
  for (const camera of cameras.keys()) publisher?.board.add(camera);
  let pipelines: readonly Pipeline[] = [];
  await using keeper = await openKeeper(options, { store, publisher, pipelines: () => pipelines });
  await using detector = await Detector.open({ ...modelOf(config), clock, log, signal });
  const began = { atMs: clock.atMs(), nowMs: clock.nowMs() };
  const whyLogs = new Map(config.cameras.map((camera) => [camera.name, new WhyLog(camera.why, began)]));
  const health = (): Health => healthOf({ cameras, broker: publisher?.broker ?? off, detector, store, keeper, pipelines });
  await using server = config.http.listen === 'off' ? undefined : await openServer(options, { store, cameras, whyLogs, health });
  const url = config.http.publicUrl ?? server?.url;
  using _changes = subscribed(store.onChange((event) => server?.notify({ type: 'event', event: viewOf(event, url) })));
  using _deletions = subscribed(store.onDelete((id) => server?.notify({ type: 'deleted', id })));
  const alerts = alertDesk(options, { url, alertLog, store, cameras });
  const desk = new NewsDesk({
    alerts,
    board: publisher?.board,
    store,
    admit: async (camera) => await keeper.admit(camera),
    notify: (notice) => server?.notify(notice),
    cameras,
    clock,
    log,
  });
  for (const event of store.recovered) alerts.onRecovered(event);
  await store.told().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'closed events will be told of once more'));
  await using candidates = openCandidateLog(options, store);
  const onCandidates: PipelineOptions['onCandidates'] = (camera, atMs, rejected) =>
    candidates.add(camera, { atMs, candidates: rejected.filter(({ rule }) => rule !== 'label') });
  const { output, stdin } = options;
  pipelines = config.cameras.map((camera) => {
    const why = whyLogs.get(camera.name) ?? new WhyLog(camera.why, began);
    return new Pipeline({ camera, detector, desk, why, mintId: ulid, onCandidates, output, stdin, clock, log });
  });
  const storage = { dir: config.storage.dir, id: store.id, ...keeper.view };
  options.onReady?.({ url, broker: publisher?.broker ?? off, detector, pipelines, storage });
  using _ticks = every(TICK_MS, ticker({ desk, store, keeper, detector, pipelines, candidates, log }));
  await runCameras(pipelines, { desk, signal, clock, log });
}

interface DeskParts {
  readonly url: string | undefined;
  readonly alertLog: AlertLog;
  readonly store: Store;
  readonly cameras: ReadonlyMap<string, CameraState>;
}

function alertDesk({ config, clock, log }: AppOptions, { url, alertLog, store, cameras }: DeskParts): AlertDesk {
  const configHashes = configHashesOf(config);
  const recordsWith = (name: string): Pick<EventFacts, 'feed' | 'configHash'> => ({
    feed: cameras.get(name)?.feed ?? 'frames',
    configHash: configHashes.get(name) ?? '',
  });
  return new AlertDesk({ book: new AlertBook(), alerts: alertLog, baseUrl: url, store, recordsWith, clock, log });
}

/** A failure of one camera does not stop the others; when the last one is over, the first failure is the outcome. */
async function runCameras(
  pipelines: readonly Pipeline[],
  { desk, signal, clock, log }: { desk: NewsDesk; signal: AbortSignal; clock: Clock; log: Logger },
): Promise<void> {
  const runs = pipelines.map(async (pipeline) => {
    try {
      await pipeline.run(signal);
    } catch (error) {
      desk.onSource(pipeline.name, { type: 'lost', reason: messageOf(error), sinceMs: clock.atMs() });
      if (pipelines.length > 1) {
        const why = error instanceof UserError ? { reason: error.message, cure: error.hint } : { err: error };
        log.error({ camera: pipeline.name, ...why }, 'camera stopped; the others go on');
      }
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(runs);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
}

async function openKeeper(
  { config, clock, log }: AppOptions,
  { store, publisher, pipelines }: { store: Store; publisher: Publisher | undefined; pipelines: () => readonly Pipeline[] },
): Promise<StorageKeeper> {
  return await StorageKeeper.open({
    store,
    limits: limitsOf(config),
    clock,
    log,
    onState: (view) => publisher?.board.setStorage(view),
    onFull: (camera, reason) => {
      for (const pipeline of pipelines()) if (camera === undefined || pipeline.name === camera) pipeline.cutShort(reason);
    },
  });
}

interface ServerParts {
  readonly store: Store;
  readonly cameras: ReadonlyMap<string, CameraState>;
  readonly whyLogs: ReadonlyMap<string, WhyLog>;
  readonly health: () => Health;
}

async function openServer(
  { config, log, fallbackPorts = false, clock }: AppOptions,
  { store, cameras, whyLogs, health }: ServerParts,
): Promise<Server> {
  const why = (name: string, question: WhyQuestion): WhyAnswer | undefined => {
    const camera = config.cameras.find((one) => one.name === name);
    const whyLog = whyLogs.get(name);
    return camera && whyLog && answerWhy(whyLog, { camera, question, nowAtMs: clock.atMs() });
  };
  return await Server.open({
    http: config.http,
    catalogue: store,
    cameras: () => [...cameras.values()].map(({ view }) => view),
    why,
    health,
    webDir: packagePath('dist', 'web'),
    fallbackPort: fallbackPorts,
    clock,
    log,
  });
}

interface HealthParts {
  readonly cameras: ReadonlyMap<string, CameraState>;
  readonly broker: BrokerHealth;
  readonly detector: Detector;
  readonly store: Store;
  readonly keeper: StorageKeeper;
  readonly pipelines: readonly Pipeline[];
}

/** Not ok is whatever keeps a person from being seen, told of or recorded. */
function healthOf({ cameras, broker, detector, store, keeper, pipelines }: HealthParts): Health {
  const reasons = [...cameras.values()]
    .filter(({ status }) => status.state !== 'online')
    .map(({ name, status }) => `camera ${name} is ${status.state}: ${status.reason ?? ''}`);
  if (!detector.health.isRunning) reasons.push(`the detector is not running: ${detector.health.reason ?? ''}`);
  if (broker.state === 'away') reasons.push(`the MQTT broker ${broker.url} is away: ${broker.reason ?? ''}`);
  if (store.problem !== undefined) reasons.push(store.problem);
  reasons.push(...keeper.problems);
  const inferencesSaved = Object.fromEntries(pipelines.map((pipeline) => [pipeline.name, pipeline.inferencesSaved]));
  return {
    ok: reasons.length === 0,
    reasons,
    broker,
    rssBytes: process.memoryUsage.rss(),
    inferencesSaved,
    storage: keeper.view,
  };
}

interface TickerParts {
  readonly desk: NewsDesk;
  readonly store: Store;
  readonly keeper: StorageKeeper;
  readonly detector: Detector;
  readonly pipelines: readonly Pipeline[];
  readonly candidates: CandidateLog;
  readonly log: Logger;
}

/** Once a second: held-back updates, records that the disk refused, the state of the detector, frames that were dropped; once a minute: figures. */
function ticker({ desk, store, keeper, detector, pipelines, candidates, log }: TickerParts): () => void {
  const dropsBefore = new Map<string, number>();
  let ticks = 0;
  return () => {
    ticks += 1;
    desk.flush();
    store.retry();
    keeper.tick();
    desk.onTrouble(detector.health.isRunning ? undefined : `the detector is being restarted: ${detector.health.reason ?? ''}`);
    if (ticks % STATS_EVERY_TICKS === 0) candidates.flush();
    for (const pipeline of pipelines) {
      const drops = pipeline.drops - (dropsBefore.get(pipeline.name) ?? 0);
      if (drops > 0) log.warn({ camera: pipeline.name, drops }, 'frames dropped within a second: the machine does not keep up');
      dropsBefore.set(pipeline.name, pipeline.drops);
      if (ticks % STATS_EVERY_TICKS === 0) desk.onStats(pipeline.name, pipeline.takeStats(STATS_EVERY_TICKS * TICK_MS));
    }
  };
}

/** What nobody was alerted to, for `score --what-if`; a disk that refuses it stops nothing. */
function openCandidateLog({ log }: AppOptions, store: Store): CandidateLog {
  return new CandidateLog({
    dataDir: store.dir,
    guard: async () => await store.check(),
    onFault: (error) => log.warn({ reason: messageOf(error) }, 'candidates between events cannot be written down'),
  });
}

function subscribed(stop: () => void): Disposable {
  return { [Symbol.dispose]: stop };
}

function every(ms: number, task: () => void): Disposable {
  const timer = setInterval(task, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function modelOf(config: Config): Pick<DetectorOptions, 'modelPath' | 'family' | 'labels' | 'threads'> {
  return {
    modelPath: config.model ?? packagePath('models', 'nanodet-plus-m.onnx'),
    family: config.modelFamily,
    labels: labelsOf(config),
    threads: config.detectThreads,
  };
}

function labelsOf({ cameras }: Config): string[] {
  return [...new Set(cameras.flatMap(({ detect }) => detect.labels))];
}

function nodeName(): string {
  return (
    hostname()
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-') || 'lookout'
  );
}

/** What an event was recorded with, without what may hold a password and what decides only how long it is kept. */
function configHashesOf({ cameras, model }: Config): Map<string, string> {
  return new Map(cameras.map((camera) => [camera.name, hashOf({ ...camera, input: '', storage: undefined, model })]));
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
