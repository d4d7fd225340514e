/**
 * The house: store, publisher, detector, server and the cameras. Opened in this order, closed in the reverse one. Whoever asks about
 * the cameras asks their registry, which fills when everything else is there.
 */
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { AlertBook } from '../alerts/alert-book.ts';
import { AlertDesk, type AlertDeskOptions } from '../alerts/alert-desk.ts';
import { AlertLog } from '../alerts/alert-log.ts';
import type { Outlet } from '../alerts/outlet.ts';
import { configHash } from '../config/config-hash.ts';
import type { Config } from '../config/config.ts';
import { modelOf } from '../config/model.ts';
import { Detector } from '../detector/detector.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { packagePath } from '../lib/package-root.ts';
import type { BrokerHealth, StorageView } from '../messages/health.ts';
import type { FrameOutput } from '../output/frame-output.ts';
import { Publisher } from '../publisher/publisher.ts';
import { viewOf } from '../server/event-view.ts';
import { Server } from '../server/server.ts';
import { CandidateLog } from '../store/past/candidate-log.ts';
import { StorageKeeper } from '../store/retention/keeper.ts';
import { limitsOf } from '../store/retention/limits.ts';
import { Store } from '../store/store.ts';
import { answerWhy } from '../why/why-answer.ts';
import { cameraBuilder } from './build-camera.ts';
import { Cameras } from './cameras.ts';
import { healthOf, type HealthParts } from './health.ts';
import { Heartbeat } from './heartbeat.ts';
import { NewsDesk } from './news-desk.ts';

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
  readonly storage: StorageView & { readonly dir: string; readonly id: string };
  readonly cameras: Cameras;
}

/** Runs until every input ended or the signal aborts; open events are then ended, their clips complete, and nothing is left behind. */
export async function runApp(options: AppOptions, signal: AbortSignal): Promise<void> {
  const { config, clock, log, fallbackPorts: fallbackPort = false } = options;
  const cameras = new Cameras({
    build: (slot) => build(slot),
    hashOf: (camera) => configHash(camera, config.model),
    signal,
    clock,
    log,
  });
  await using store = await Store.open({ dir: config.storage.dir, id: config.storage.id, clock, log });
  const node = config.node ?? nodeName();
  const { mqtt } = config;
  await using publisher = mqtt.url === 'off' ? undefined : await Publisher.open({ node, mqtt, clock, log, fallbackPort });
  const off = { state: 'off', url: 'off', sinceMs: clock.atMs(), waitingAlerts: 0, droppedAlerts: 0, refusals: [] } as const;
  const broker = (): BrokerHealth => publisher?.broker ?? off;
  // Before anything takes its time: what an earlier run left at the broker must not stand there until then.
  for (const { name } of config.cameras) publisher?.board.add(name);
  await using keeper = await StorageKeeper.open({
    store,
    limits: limitsOf(config),
    clock,
    log,
    onState: (view) => publisher?.board.setStorage(view),
    onFull: (camera, reason) => cameras.cutShort(reason, camera),
  });
  await using detector = await Detector.open({ ...modelOf(config), clock, log, signal });
  await using server = await openServer(options, { cameras, broker, detector, store, keeper });
  const url = config.http.publicUrl ?? server?.url;
  using _changes = subscribed(store.onChange((event) => server?.notify({ type: 'event', event: viewOf(event, url) })));
  using _deletions = subscribed(store.onDelete((id) => server?.notify({ type: 'deleted', id })));
  const alerts = alertDesk(options, { node, outlets: publisher ? [publisher] : [], url, store, cameras });
  for (const event of store.recovered) alerts.onRecovered(event);
  await store.told().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'closed events will be told of once more'));
  await using candidates = openCandidateLog(options, store);
  const news = new NewsDesk({ alerts, board: publisher?.board, notify: (notice) => server?.notify(notice), clock, log });
  const { output, stdin } = options;
  const build = cameraBuilder({ detector, news, store, keeper, candidates, output, stdin, clock, log });
  await using _running = cameras;
  for (const camera of config.cameras) await cameras.add(camera);
  const storage = { dir: config.storage.dir, id: store.id, ...keeper.view };
  options.onReady?.({ url, broker: broker(), storage, cameras });
  using _heartbeat = new Heartbeat({ cameras, alerts, news, store, keeper, detector, candidates, log });
  await cameras.whenOver();
}

interface DeskParts {
  readonly node: string;
  readonly outlets: readonly Outlet[];
  readonly url: string | undefined;
  readonly store: Store;
  readonly cameras: Cameras;
}

function alertDesk({ clock, log }: AppOptions, { node, outlets, url, store, cameras }: DeskParts): AlertDesk {
  const alerts = new AlertLog({ node, log });
  for (const outlet of outlets) alerts.attach(outlet);
  const recordsWith: AlertDeskOptions['recordsWith'] = (name) => {
    const camera = cameras.find(name);
    return camera && { feed: camera.state.feed, configHash: camera.hash };
  };
  return new AlertDesk({ book: new AlertBook(), alerts, baseUrl: url, store, recordsWith, clock, log });
}

async function openServer(
  { config, log, fallbackPorts = false, clock }: AppOptions,
  parts: HealthParts & { readonly cameras: Cameras; readonly store: Store },
): Promise<Server | undefined> {
  const { cameras, store } = parts;
  if (config.http.listen === 'off') return undefined;
  return await Server.open({
    http: config.http,
    events: store,
    cameras: () => [...cameras].map(({ state }) => state.view),
    why: (name, question) => {
      const camera = cameras.find(name);
      return camera && answerWhy(camera.why, { camera: camera.config, question, nowAtMs: clock.atMs() });
    },
    health: () => healthOf(parts),
    webDir: packagePath('dist', 'web'),
    fallbackPort: fallbackPorts,
    clock,
    log,
  });
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

function nodeName(): string {
  return (
    hostname()
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-') || 'lookout'
  );
}
