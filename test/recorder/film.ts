/** A camera for the recorder's tests: frames whose bytes are leased from a counted pool, and boxes to go with them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { configSchema } from '../../src/config/config.ts';
import { BufferPool } from '../../src/lib/buffer-pool.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ClipMessage, OpenClip } from '../../src/messages/clip.ts';
import type { Track, TrackedFrame } from '../../src/messages/detection.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import type { RecordFrame, SizePx, VideoFormat } from '../../src/messages/video.ts';
import { Recorder } from '../../src/recorder/recorder.ts';
import { CameraRing } from '../../src/ring/camera-ring.ts';
import { pictureBytes } from '../../src/ring/ring-plan.ts';
import { TestHome } from './home.ts';

const exec = promisify(execFile);
const SMALL: SizePx = { widthPx: 320, heightPx: 180 };
const BORN_AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);

export function formatOf(size: SizePx, fps: number, detectFps = 5): VideoFormat {
  const picture = { ...size, leftPx: 0, topPx: 0 };
  return {
    source: { ...size, fps, codec: 'h264' },
    detect: { ...size, fps: detectFps, picture },
    record: { ...size, fps },
    framesPerSlot: fps / detectFps,
    feed: 'frames',
  };
}

/** Settings with every default, and these instead. */
export function settings(event: object = {}, record: object = {}) {
  const config = configSchema.parse({ cameras: [{ name: 'front', input: 'x.mp4', event, record }] });
  return config.cameras[0]!;
}

/** A frame of literals that counts its holders. */
export function fakeFrame(index: number, options: { fps?: number; bytes?: number } = {}): RecordFrame & { holders: number } {
  const ptsMs = (index * 1000) / (options.fps ?? 10);
  return {
    index,
    ptsMs,
    atMs: BORN_AT_MS + ptsMs,
    data: new Uint8Array(options.bytes ?? 100),
    holders: 1,
    retain() {
      this.holders += 1;
    },
    release() {
      this.holders -= 1;
    },
  };
}

export function person(id: number, part: Partial<Track> = {}): Track {
  return {
    id,
    label: 'person',
    score: 0.8,
    meanScore: 0.8,
    box: { x: 0.4, y: 0.2, w: 0.2, h: 0.6 },
    isConfirmed: true,
    isSeen: true,
    firstSeenPtsMs: 0,
    lastSeenPtsMs: 0,
    ...part,
  };
}

export function tracked(slot: number, tracks: readonly Track[], detectFps = 5): TrackedFrame {
  const ptsMs = (slot * 1000) / detectFps;
  return { slot, ptsMs, atMs: BORN_AT_MS + ptsMs, tracks, left: [], rejected: [], arrivedNowMs: 0, latencyMs: 0 };
}

const scene = { label: 'person', score: 0.8, count: 1, people: 1, box: { x: 0.4, y: 0.2, w: 0.2, h: 0.6 } };

export function startEvent(id: string, startPtsMs: number, continues?: string): SceneEvent {
  const latencyMs = { frameToDetect: 10, detectToConfirm: 400 };
  const start = { type: 'start', id, scene, startPtsMs, startAtMs: BORN_AT_MS + startPtsMs, ptsMs: startPtsMs + 400 } as const;
  return { ...start, latencyMs, confirmedNowMs: 0, ...(continues === undefined ? {} : { continues }) };
}

export function endEvent(id: string, closePtsMs: number, reason: 'left' | 'max' | 'source' | 'stopped' = 'left'): SceneEvent {
  return { type: 'end', id, scene, reason, lastSeenPtsMs: closePtsMs, lastSeenAtMs: BORN_AT_MS + closePtsMs, closePtsMs };
}

interface FilmOptions {
  readonly size?: SizePx;
  readonly fps?: number;
  readonly event?: object;
  readonly record?: object;
  readonly clock?: Clock;
}

/** A recorder with a camera in front of it. Closing it asserts nothing; `leased` must be 0 afterwards. */
export class Film implements AsyncDisposable {
  readonly recorder: Recorder;
  readonly ring: CameraRing;
  readonly pool: BufferPool;
  readonly format: VideoFormat;
  readonly messages: ClipMessage[] = [];
  readonly bugs: unknown[] = [];
  readonly home = new TestHome();
  readonly #pictures: readonly Buffer[];
  readonly #folders: string[] = [];
  #listeners: (() => void)[] = [];
  nextIndex = 0;

  static async open(options: FilmOptions = {}): Promise<Film> {
    const size = options.size ?? SMALL;
    const fps = options.fps ?? 10;
    const source = `testsrc2=size=${size.widthPx}x${size.heightPx}:rate=${fps}:duration=2`;
    const argv = ['-v', 'error', '-f', 'lavfi', '-i', source, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
    const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
    return new Film(options, { size, fps, raw: stdout });
  }

  private constructor(options: FilmOptions, { size, fps, raw }: { size: SizePx; fps: number; raw: Buffer }) {
    const bytes = pictureBytes(size);
    this.pool = new BufferPool(bytes, 4);
    this.format = formatOf(size, fps);
    this.#pictures = Array.from({ length: raw.length / bytes }, (_, i) => raw.subarray(i * bytes, (i + 1) * bytes));
    const { event, record, detect } = settings(options.event, options.record);
    const onMessage = (message: ClipMessage): void => {
      this.messages.push(message);
      for (const listener of this.#listeners.splice(0)) listener();
    };
    this.recorder = new Recorder({
      camera: 'front',
      event,
      record,
      detect,
      clock: options.clock ?? systemClock,
      log: silentLogger,
      home: this.home,
      onMessage,
      onBug: (error) => this.bugs.push(error),
    });
    this.ring = new CameraRing({ event, record, detect, onWarning: () => undefined });
    this.recorder.setRing(this.ring.open(this.format));
  }

  /** The clip of an event, in this folder. */
  async start(event: SceneEvent, folder: string | Promise<string>): Promise<OpenClip> {
    return await this.home.start(this.recorder, event, folder);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'lookout-clip-'));
    this.#folders.push(folder);
    return folder;
  }

  /** One frame, and with `tracks` the boxes of its slot. */
  feed(tracks?: readonly Track[]): void {
    const index = this.nextIndex++;
    const { fps } = this.format.record;
    const lease = this.pool.lease();
    const picture = this.#pictures[index % this.#pictures.length]!;
    picture.copy(lease.data);
    stamp(lease.data, this.format.record, index);
    const ptsMs = (index * 1000) / fps;
    const frame: RecordFrame = {
      index,
      ptsMs,
      atMs: BORN_AT_MS + ptsMs,
      data: lease.data,
      retain: () => lease.retain(),
      release: () => lease.release(),
    };
    this.ring.addFrame(frame);
    frame.release();
    const { framesPerSlot } = this.format;
    if (tracks && index % framesPerSlot === 0) this.recorder.addTracks(tracked(index / framesPerSlot, tracks));
  }

  feedMany(frames: number, tracks?: readonly Track[]): void {
    for (let i = 0; i < frames; i++) this.feed(tracks);
  }

  /** Feeds as a file would be: waits while the encoder is behind. */
  async feedPatiently(frames: number, tracks?: readonly Track[]): Promise<void> {
    for (let i = 0; i < frames; i++) {
      await this.recorder.whenReady();
      this.feed(tracks);
      await new Promise(setImmediate);
    }
  }

  async message<T extends ClipMessage['type']>(type: T, id: string): Promise<Extract<ClipMessage, { type: T }>> {
    for (;;) {
      const found = this.messages.find((message) => message.type === type && message.id === id);
      if (found) return found as Extract<ClipMessage, { type: T }>;
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  async close(): Promise<void> {
    await this.recorder.close();
    this.ring.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

interface Probed {
  readonly stream: Record<string, unknown>;
  readonly frames: number;
}

/** What ffprobe and a full decode say of a playlist. */
export async function probe(playlist: string): Promise<Probed> {
  const entries = 'stream=codec_name,profile,level,pix_fmt,has_b_frames,width,height,r_frame_rate,nb_read_frames';
  const argv = ['-v', 'error', '-allowed_extensions', 'ALL', '-select_streams', 'v', '-show_entries', entries, '-of', 'json'];
  const { stdout } = await exec('ffprobe', [...argv, '-count_frames', playlist]);
  const stream = (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams[0]!;
  return { stream, frames: Number(stream['nb_read_frames']) };
}

/** Decodes a playlist into raw frames; throws where ffmpeg complains. */
async function decode(playlist: string, size: SizePx): Promise<Buffer[]> {
  const input = ['-v', 'error', '-xerror', '-allowed_extensions', 'ALL', '-i', playlist];
  const argv = [...input, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const bytes = pictureBytes(size);
  return Array.from({ length: stdout.length / bytes }, (_, i) => stdout.subarray(i * bytes, (i + 1) * bytes));
}

const BITS = 12;
const BLOCK_PX = 16;

/** Writes a number into the picture's top left corner as black and white blocks that survive an encoder. */
function stamp(picture: Uint8Array, { widthPx }: SizePx, number: number): void {
  for (let bit = 0; bit < BITS; bit++) {
    const luma = (number >> bit) & 1 ? 235 : 16;
    for (let row = 0; row < BLOCK_PX; row++) {
      const at = row * widthPx + bit * BLOCK_PX;
      picture.fill(luma, at, at + BLOCK_PX);
    }
  }
}

/** The number that `stamp` wrote. */
export function stampOf(picture: Uint8Array, { widthPx }: SizePx): number {
  const isWhite = (bit: number): boolean => picture[(BLOCK_PX / 2) * widthPx + bit * BLOCK_PX + BLOCK_PX / 2]! > 125;
  return Array.from({ length: BITS }, (_, bit) => (isWhite(bit) ? 1 << bit : 0)).reduce((sum, value) => sum + value, 0);
}

/** The stamps of all frames of a clip, in order. */
export async function stampsOf(folder: string, size: SizePx = SMALL): Promise<number[]> {
  return (await decode(join(folder, 'index.m3u8'), size)).map((picture) => stampOf(picture, size));
}

/** from, from + 1, … up to, without, end */
export function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

/** pid of the recorder's encoder, once there is one. */
export async function encoderOf(film: Film): Promise<number> {
  while (film.recorder.encoderPid === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  return film.recorder.encoderPid;
}
