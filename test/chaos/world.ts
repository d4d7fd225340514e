/**
 * What a fault happens in: an RTSP camera with a numbered film, a broker and a subscriber that outlive Lookout, and Lookout
 * itself, in the middle of an event. Another viewer keeps the camera's film going while Lookout is away. Owner closes it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Alert } from '../../src/messages/alert.ts';
import type { ConfigInput } from '../../src/config/config.ts';
import { Child } from '../../src/lib/child.ts';
import { type CameraOptions, RtspCamera } from '../rtsp/rtsp-camera.ts';
import { until } from '../e2e/feed.ts';
import { Lookout } from '../e2e/lookout.ts';
import { Subscriber } from '../e2e/mqtt.ts';
import type { Mosquitto } from '../publisher/mosquitto.ts';
import type { Mount } from './mount.ts';
import { makeNumberedFilm } from './numbered-film.ts';

export const EVENT = { preRollMs: 1000, postRollMs: 1500 } as const;

export interface WorldOptions {
  readonly broker: Mosquitto;
  /** Matroska for the camera */
  readonly film: string;
  readonly feed: 'packets' | 'frames';
  /** where events are stored, if not in the world's own folder */
  readonly disk?: Mount;
  readonly storage?: NonNullable<ConfigInput['storage']>;
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

export class World implements AsyncDisposable {
  readonly folder: string;
  readonly dataDir: string;
  readonly subscriber: Subscriber;
  readonly options: WorldOptions;
  camera: RtspCamera;
  #lookout: Lookout | undefined;
  #last: Lookout | undefined;
  #viewer: Child | undefined;

  static async open(options: WorldOptions): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'lookout-chaos-'));
    const camera = await RtspCamera.start({ film: options.film });
    const subscriber = await Subscriber.open(options.broker.url);
    const world = new World({ folder, camera, subscriber, options });
    await world.keepCameraGoing();
    return world;
  }

  private constructor(parts: { folder: string; camera: RtspCamera; subscriber: Subscriber; options: WorldOptions }) {
    this.folder = parts.folder;
    this.camera = parts.camera;
    this.subscriber = parts.subscriber;
    this.options = parts.options;
    this.dataDir = join(parts.options.disk?.path ?? parts.folder, 'data');
  }

  get disk(): Mount {
    if (!this.options.disk) throw new Error('Expected a disk of its own for this fault');
    return this.options.disk;
  }

  /** the last log lines of Lookout, for a trial that went wrong */
  get lastWords(): string {
    const lines = (this.#lookout ?? this.#last)?.lines.items ?? [];
    return lines
      .slice(-4)
      .map(({ msg, reason }) => (typeof reason === 'string' ? `${msg} (${reason})` : msg))
      .join(' · ');
  }

  get lookout(): Lookout {
    if (!this.#lookout) throw new Error('Lookout does not run in this world');
    return this.#lookout;
  }

  /** Starts Lookout, again after a kill. Resolves once it watches. */
  async start(): Promise<Lookout> {
    const { options } = this;
    const camera = { input: this.camera.url, event: EVENT, record: { feed: options.feed } };
    this.#lookout = await Lookout.start({
      args: ['run'],
      folder: this.folder,
      leavesLock: true,
      env: options.env?.(this.folder) ?? {},
      config: { mqtt: { url: options.broker.url }, cameras: [camera], storage: { ...options.storage, dir: this.dataDir } },
    });
    return this.#lookout;
  }

  /** The `live` alert of an event that was not told of before; Lookout is started where it does not run. */
  async untilInEvent(): Promise<Alert> {
    const before = new Set(this.subscriber.alerts.map(({ id }) => id));
    if (!this.#lookout) await this.start();
    return await this.subscriber.alertFeed.find(({ type, id }) => type === 'live' && !before.has(id), {
      what: 'an event that begins',
      withinMs: 90_000,
    });
  }

  /** kill -9 of Lookout itself. */
  async kill(): Promise<number> {
    const { lookout } = this;
    this.#lookout = undefined;
    await lookout.signal('SIGKILL');
    const atMs = Date.now();
    await until(async () => (await lookout.processes()).length === 0, { what: 'no process of the one that was killed' });
    return atMs;
  }

  /** Ctrl-C, and everything that is to be closed is. */
  async stop(): Promise<void> {
    this.#last = this.#lookout ?? this.#last;
    await this.#lookout?.stop();
    this.#lookout = undefined;
  }

  /** Whether the machine that Lookout runs on says of itself that all is well. */
  async untilHealthy(): Promise<void> {
    await until(async () => (await this.lookout.get('/api/v1/health')).status === 200, {
      what: 'health that says 200',
      withinMs: 60_000,
    });
  }

  /** The camera's power is pulled; after `offMs` it starts anew on the same port, with another film or a login if one is named. */
  async reboot(offMs: number, { film = this.options.film, login }: Partial<CameraOptions> = {}): Promise<void> {
    const { port } = this.camera;
    await this.#viewer?.kill();
    await this.camera.kill();
    await delay(offMs);
    this.camera = await RtspCamera.start({ film, port, ...(login ? { login } : {}) });
    await this.keepCameraGoing();
  }

  /** All viewers share one stream, which starts over when nobody watched. */
  async keepCameraGoing(): Promise<void> {
    const argv = ['-v', 'error', '-rtsp_transport', 'tcp', '-i', this.camera.url, '-c', 'copy', '-f', 'null', '-'];
    this.#viewer = await Child.start({
      name: 'viewer',
      command: 'ffmpeg',
      args: argv,
      stdin: 'ignore',
      stdout: 'ignore',
      dieWithParent: true,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.subscriber[Symbol.asyncDispose]();
    await this.#viewer?.kill();
    await this.camera[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function makeFilm(folder: string, gop: number, more: { widthPx?: number; noise?: string } = {}): Promise<string> {
  const path = join(folder, `film-${gop}-${more.widthPx ?? ''}-${more.noise ? 'noise' : ''}.mkv`);
  await makeNumberedFilm(path, { gop, ...more });
  return path;
}
