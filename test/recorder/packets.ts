/** Packets of literals, and a camera of packets for the recorder: a real film, demuxed. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { Demuxer } from '../../src/media/fmp4/demuxer.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ClipMessage, OpenClip } from '../../src/messages/clip.ts';
import type { Track } from '../../src/messages/detection.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import type { Packet, SizePx, TrackInit, VideoFormat } from '../../src/messages/video.ts';
import { CameraRing } from '../../src/ring/camera-ring.ts';
import type { Inits } from '../../src/ring/inits.ts';
import { Recorder } from '../../src/recorder/recorder.ts';
import { formatOf, settings, tracked } from './film.ts';
import { TestHome } from './home.ts';

const exec = promisify(execFile);
const BORN_AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);
const FLAGS = '+empty_moov+default_base_moof+frag_every_frame+frag_discont';

export function inits(connection = 1): Inits {
  return { connection, video: { isVideo: true, bytes: Buffer.from('v') }, audio: undefined };
}

export function picture(dtsMs: number, part: Partial<Packet> = {}): Packet {
  const data = new Uint8Array(100);
  return { isVideo: true, isKey: false, dtsMs, ptsMs: dtsMs, durationMs: 100, atMs: BORN_AT_MS + dtsMs, data, ...part };
}

/** Ten pictures a second, a key frame every `gop` pictures. */
export function pictures(count: number, { gop = 10, fromMs = 0 } = {}): Packet[] {
  return Array.from({ length: count }, (_, i) => picture(fromMs + i * 100, { isKey: i % gop === 0 }));
}

export interface CameraOptions {
  readonly size?: SizePx;
  readonly fps?: number;
  readonly gop?: number;
  /** instead of `gop` */
  readonly keysAtMs?: readonly number[];
  readonly seconds?: number;
  readonly bFrames?: number;
  readonly sound?: boolean;
  /** its first connection has no sound */
  readonly beginsMute?: boolean;
  /** many bytes a picture */
  readonly isNoisy?: boolean;
  readonly event?: object;
  readonly record?: object;
  readonly clock?: Clock;
}

interface Track0 {
  readonly init: TrackInit;
  readonly packets: readonly Packet[];
}

/** A recorder with a camera of packets in front of it; its pictures carry their number as blocks of black and white. */
export class PacketCamera implements AsyncDisposable {
  readonly recorder: Recorder;
  readonly ring: CameraRing;
  readonly format: VideoFormat;
  readonly messages: ClipMessage[] = [];
  readonly bugs: unknown[] = [];
  readonly home = new TestHome();
  readonly logged: string[] = [];
  /** in the order of their coming */
  readonly packets: readonly Packet[];
  readonly #tracks: readonly Track0[];
  readonly #folders: string[] = [];
  #listeners: (() => void)[] = [];
  #next = 0;
  #isMute = false;
  #slot = 0;

  static async open(options: CameraOptions = {}): Promise<PacketCamera> {
    const { size = { widthPx: 320, heightPx: 180 }, fps = 10, gop = 10, seconds = 12, bFrames = 0, sound = false } = options;
    const noise = options.isNoisy === true ? ',noise=alls=60:allf=t' : '';
    const bits = Array.from(
      { length: 10 },
      (_, bit) => `drawbox=x=${bit * 16}:y=0:w=16:h=16:t=fill:color=white:enable='gte(mod(n\\,${2 ** (bit + 1)})\\,${2 ** bit})'`,
    );
    const source = `color=c=black:size=${size.widthPx}x${size.heightPx}:rate=${fps}:duration=${seconds},${bits.join(',')}${noise}`;
    const { keysAtMs } = options;
    const keys = keysAtMs
      ? ['-g', '9999', '-force_key_frames', keysAtMs.map((ms) => ms / 1000).join(',')]
      : ['-g', String(gop), '-keyint_min', String(gop)];
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
    const encoder = [...codec, '-bf', String(bFrames), '-sc_threshold', '0', ...keys];
    const tracks = [await demuxed(source, encoder, true)];
    if (sound) tracks.push(await demuxed(`sine=duration=${seconds}:r=48000`, ['-c:a', 'aac'], false));
    return new PacketCamera(options, { size, fps, tracks });
  }

  private constructor(options: CameraOptions, { size, fps, tracks }: { size: SizePx; fps: number; tracks: Track0[] }) {
    this.#tracks = tracks;
    this.packets = tracks.flatMap(({ packets }) => packets).sort((a, b) => a.dtsMs - b.dtsMs);
    this.format = { ...formatOf(size, fps), feed: 'packets' };
    const { event, record, detect } = settings(options.event, options.record);
    this.recorder = new Recorder({
      camera: 'front',
      event,
      record,
      detect,
      clock: options.clock ?? systemClock,
      log: silentLogger,
      home: this.home,
      onBug: (error) => this.bugs.push(error),
      onMessage: (message) => {
        this.messages.push(message);
        for (const listener of this.#listeners.splice(0)) listener();
      },
    });
    this.ring = new CameraRing({ event, record, detect, onWarning: (_, sentence) => this.logged.push(sentence) });
    this.recorder.setRing(this.ring.open(this.format));
    this.connect({ isMute: options.beginsMute === true });
  }

  /** As a camera that was lost comes back: the same inits again, or without those of its sound. */
  connect({ isMute = false } = {}): void {
    this.#isMute = isMute;
    for (const { init } of this.#tracks) if (init.isVideo || !isMute) this.ring.addInit({ ...init });
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

  /** Packets up to this media time, and with `tracks` the boxes of the slots between. `laterMs` is added to their time. */
  async feedTo(ms: number, { tracks, laterMs = 0 }: { tracks?: readonly Track[]; laterMs?: number } = {}): Promise<void> {
    for (let packet = this.packets[this.#next]; packet && packet.dtsMs < ms - laterMs; packet = this.packets[this.#next]) {
      this.#next += 1;
      if (!packet.isVideo && this.#isMute) continue;
      const moved = { ...packet, dtsMs: packet.dtsMs + laterMs, ptsMs: packet.ptsMs + laterMs, atMs: packet.atMs + laterMs };
      this.ring.addPacket(moved);
      const slotMs = (this.#slot * 1000) / this.format.detect.fps;
      if (tracks && packet.isVideo && moved.dtsMs >= slotMs) this.recorder.addTracks(tracked(this.#slot, tracks));
      while ((this.#slot * 1000) / this.format.detect.fps <= moved.dtsMs) this.#slot += 1;
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder.close();
    this.ring.clear();
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

async function demuxed(source: string, codec: readonly string[], isVideo: boolean): Promise<Track0> {
  const muxing = ['-f', 'mp4', '-movflags', FLAGS, '-use_editlist', '0', '-avoid_negative_ts', 'disabled', 'pipe:1'];
  const argv = ['-v', 'error', '-f', 'lavfi', '-i', source, ...codec, ...muxing];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const items = [...new Demuxer().push(stdout)];
  const init = items.find((item) => item.type === 'init')!;
  const packets = items.flatMap((item): Packet[] => {
    if (item.type === 'init') return [];
    const ms = (ticks: number): number => (ticks * 1000) / item.ticksPerSecond;
    const [dtsMs, ptsMs] = [ms(item.dtsTicks), ms(item.dtsTicks + item.offsetTicks)];
    return [
      { isVideo, isKey: item.isKey, dtsMs, ptsMs, durationMs: ms(item.durationTicks), atMs: BORN_AT_MS + ptsMs, data: item.data },
    ];
  });
  return { init: { isVideo, bytes: init.bytes }, packets };
}

const BITS = 10;

/** The numbers of all pictures of a clip, in the order in which they are shown. */
export async function numbersOf(
  folder: string,
  { widthPx, heightPx }: SizePx = { widthPx: 320, heightPx: 180 },
): Promise<number[]> {
  const input = ['-v', 'error', '-xerror', '-allowed_extensions', 'ALL', '-i', join(folder, 'index.m3u8')];
  const argv = [...input, '-fps_mode', 'passthrough', '-vf', 'format=gray', '-f', 'rawvideo', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const bytes = widthPx * heightPx;
  const isWhite = (at: number): boolean => stdout[at]! > 125;
  return Array.from({ length: stdout.length / bytes }, (_, i) =>
    Array.from({ length: BITS }, (_1, bit) => (isWhite(i * bytes + 8 * widthPx + bit * 16 + 8) ? 1 << bit : 0)).reduce(
      (sum, value) => sum + value,
      0,
    ),
  );
}
