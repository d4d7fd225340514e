/** A real server in front of a real store in a temp folder, with a clip whose progress the test decides. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigInput, configSchema } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { CameraView } from '../../src/messages/camera.ts';
import type { OpenClip, TrackLine } from '../../src/messages/clip.ts';
import type { EventFacts, EventState } from '../../src/messages/event.ts';
import { Server, type ServerOptions } from '../../src/server/server.ts';
import { Store } from '../../src/store/store.ts';

export const ID = '01KAGYZ0000000000000000001';
export const CAMERA: CameraView = {
  name: 'front',
  status: { state: 'online', since: '2026-11-20T10:00:00.000Z' },
  person: { count: 1, total: 2 },
};

export interface House extends AsyncDisposable {
  readonly dir: string;
  readonly webDir: string;
  readonly store: Store;
  readonly server: Server;
  readonly url: string;
}

export type HouseOptions = Partial<Omit<ServerOptions, 'http'>> & { http?: ConfigInput['http'] };

export async function openHouse({ http, ...options }: HouseOptions = {}): Promise<House> {
  const dir = await mkdtemp(join(tmpdir(), 'lookout-server-'));
  const webDir = join(dir, 'web');
  const store = await Store.open({ dir: join(dir, 'data'), clock: systemClock, log: silentLogger });
  const closeRest = async (): Promise<void> => {
    await store[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  };
  try {
    const server = await Server.open({
      http: httpConfig({ listen: '127.0.0.1:0', ...http }),
      events: store,
      cameras: () => [CAMERA],
      health: () => ({ ok: true, reasons: [] }),
      why: () => undefined,
      webDir,
      log: silentLogger,
      ...options,
    });
    const close = async (): Promise<void> => {
      await server.close();
      await closeRest();
    };
    return { dir, webDir, store, server, url: server.url, [Symbol.asyncDispose]: close };
  } catch (error) {
    await closeRest();
    throw error;
  }
}

export function httpConfig(http: ConfigInput['http']): ServerOptions['http'] {
  return configSchema.parse({ cameras: [{ input: 'x.mp4' }], http }).http;
}

export function facts(state: EventState, more: Partial<EventFacts> = {}): EventFacts {
  return {
    state,
    id: ID,
    camera: 'front',
    updatedAt: '2026-11-20T10:00:01.000Z',
    label: 'person',
    startedAt: '2026-11-20T10:00:00.000Z',
    score: 0.7,
    count: 1,
    people: 1,
    box: { x: 0.1, y: 0.1, w: 0.2, h: 0.5 },
    zones: [],
    latencyMs: { frameToDetect: 20, detectToConfirm: 400 },
    feed: 'frames',
    files: [],
    droppedFrames: 0,
    configHash: 'c',
    ...more,
  };
}

/** Makes an event's folder with these files and saves the event in this state. */
export async function addEvent(
  { store }: House,
  state: EventState,
  options: { event?: Partial<EventFacts>; files?: Record<string, string> } = {},
): Promise<string> {
  const event = facts(state, options.event);
  const folder = await store.create(event.camera, event.id, Date.parse(event.startedAt));
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
  await store.save(event);
  return folder;
}

/** An open clip that becomes playable, or fails, when the test says so. */
export class TestClip implements OpenClip {
  readonly id = ID;
  readonly folder: string;
  boxes: TrackLine[] = [];
  waiting = 0;
  #text: string | undefined;
  #settled: { playable: boolean } | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(folder: string) {
    this.folder = folder;
  }

  play(text: string): void {
    this.#text = text;
    this.#settle(true);
  }

  fail(): void {
    this.#settle(false);
  }

  playlist(): string | undefined {
    return this.#text;
  }

  tracks(): readonly TrackLine[] {
    return this.boxes;
  }

  async whenPlayable(signal: AbortSignal): Promise<boolean> {
    this.waiting += 1;
    try {
      return await new Promise<boolean>((resolve, reject) => {
        if (this.#settled) resolve(this.#settled.playable);
        this.#listeners.add(() => resolve(this.#settled?.playable ?? false));
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    } finally {
      this.waiting -= 1;
    }
  }

  #settle(playable: boolean): void {
    this.#settled = { playable };
    for (const listener of this.#listeners) listener();
  }
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request whose path and Host header are sent as they are; fetch would tidy them. */
export async function rawRequest(
  url: string,
  { path, headers = {}, method = 'GET' }: { path: string; headers?: Record<string, string>; method?: string },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, headers, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject).end();
  });
}

/** Waits until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
