/** One connection of a camera within a film: its init file, its clocks and its sound. */
import { createHash } from 'node:crypto';
import { readAacConfig, silentFrame } from '../media/fmp4/aac.ts';
import { joinInits } from '../media/fmp4/muxer.ts';
import { readDefaults } from '../media/fmp4/samples.ts';
import type { ClipFile } from '../messages/clip.ts';
import type { Packet, TrackInit } from '../messages/video.ts';
import type { Inits } from '../ring/inits.ts';
import { type Sound, SoundTrack } from './sound-track.ts';

const AAC_FRAME_TICKS = 1024;

export interface RunOptions {
  /** of its first picture */
  readonly fromMs: number;
  readonly before: PacketRun | undefined;
  readonly nextName: string;
}

export class PacketRun {
  readonly inits: Inits;
  readonly name: string;
  readonly bytes: Buffer;
  readonly ticksPerSecond: number;
  readonly #audio: TrackInit | undefined;
  readonly #fromMs: number;
  readonly #soundRate: number;
  #frameTicks = AAC_FRAME_TICKS;
  #sound: SoundTrack | undefined;

  /** It goes by the name of the run before where both say the same. */
  static of(inits: Inits, { fromMs, before, nextName }: RunOptions): PacketRun {
    const bytes = joinInits(inits.video.bytes, inits.audio?.bytes);
    return new PacketRun(inits, { fromMs, bytes, name: before?.bytes.equals(bytes) === true ? before.name : nextName });
  }

  private constructor(inits: Inits, { fromMs, bytes, name }: { fromMs: number; bytes: Buffer; name: string }) {
    this.inits = inits;
    this.name = name;
    this.bytes = bytes;
    this.ticksPerSecond = readDefaults(Buffer.from(inits.video.bytes)).ticksPerSecond;
    this.#audio = inits.audio;
    this.#fromMs = fromMs;
    this.#soundRate = inits.audio ? readDefaults(Buffer.from(inits.audio.bytes)).ticksPerSecond : 1;
  }

  /** As it stands in the list of files. */
  get file(): Pick<ClipFile, 'name' | 'bytes' | 'sha256'> {
    const { name, bytes } = this;
    return { name, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  get soundTicks(): { readonly ticksPerSecond: number; readonly frameTicks: number } {
    return { ticksPerSecond: this.#soundRate, frameTicks: this.#frameTicks };
  }

  /** Left out where the init, which is written once, knew of no sound. */
  addSound(packet: Packet): void {
    if (!this.#audio) return;
    this.#sound ??= this.#trackOf(this.#audio, packet);
    this.#sound.push(packet);
  }

  takeSound(untilMs: number, { isLast }: { readonly isLast: boolean }): Sound | undefined {
    return this.#sound?.take(untilMs, { isLast });
  }

  /** Time stamps jitter, so the length of a frame is not theirs: 1024 samples, or twice as many with spectral band replication. */
  #trackOf({ bytes }: TrackInit, { durationMs }: Packet): SoundTrack {
    const isDouble = (durationMs * this.#soundRate) / 1000 > 1.5 * AAC_FRAME_TICKS;
    this.#frameTicks = isDouble ? 2 * AAC_FRAME_TICKS : AAC_FRAME_TICKS;
    const config = isDouble ? undefined : readAacConfig(Buffer.from(bytes));
    const frameMs = (this.#frameTicks * 1000) / this.#soundRate;
    return new SoundTrack({ fromMs: this.#fromMs, frameMs, silence: config && silentFrame(config) });
  }
}
