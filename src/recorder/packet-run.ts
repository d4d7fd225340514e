/**
 * One connection of a camera within a film: its init file, its clocks and its sound.
 *
 * Players cannot add or drop a track in the middle, so all runs of a film have sound or none has. The first one decides: it has
 * sound where the camera has some, or had some before; a run without is silent in the coding of the sound before.
 */
import { createHash } from 'node:crypto';
import { readAacConfig, silentFrame } from '../media/fmp4/aac.ts';
import { joinInits } from '../media/fmp4/muxer.ts';
import { readDefaults } from '../media/fmp4/samples.ts';
import type { ClipFile } from '../messages/clip.ts';
import type { TrackInit } from '../messages/video.ts';
import type { Inits } from '../ring/inits.ts';
import type { RingPacket } from '../ring/packet-cursor.ts';
import { PATIENCE_MS, type Sound, SoundTrack } from './sound-track.ts';

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
  readonly audio: TrackInit | undefined;
  readonly #fromMs: number;
  readonly #soundRate: number;
  #frameTicks = AAC_FRAME_TICKS;
  #sound: SoundTrack | undefined;

  /** It goes by the name of the run before where both say the same. */
  static of(inits: Inits, { fromMs, before, nextName }: RunOptions): PacketRun {
    const audio = soundOf(inits, before);
    const bytes = joinInits(inits.video.bytes, audio?.bytes);
    const name = before?.bytes.equals(bytes) === true ? before.name : nextName;
    return new PacketRun(inits, { fromMs, bytes, name, audio });
  }

  private constructor(
    inits: Inits,
    { fromMs, bytes, name, audio }: { fromMs: number; bytes: Buffer; name: string; audio: TrackInit | undefined },
  ) {
    this.inits = inits;
    this.name = name;
    this.bytes = bytes;
    this.ticksPerSecond = readDefaults(Buffer.from(inits.video.bytes)).ticksPerSecond;
    this.audio = audio;
    this.#fromMs = fromMs;
    this.#soundRate = audio ? readDefaults(Buffer.from(audio.bytes)).ticksPerSecond : 1;
  }

  /** As it stands in the list of files. */
  get file(): Pick<ClipFile, 'name' | 'bytes' | 'sha256'> {
    const { name, bytes } = this;
    return { name, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  get soundTicks(): { readonly ticksPerSecond: number; readonly frameTicks: number } {
    return { ticksPerSecond: this.#soundRate, frameTicks: this.#frameTicks };
  }

  /** Left out where the init, which is written once, knew of no sound, or of another. */
  addSound({ packet, inits }: RingPacket): void {
    const { audio } = this;
    if (!audio || !isSame(audio, inits.audio)) return;
    this.#sound ??= this.#trackOf(audio, packet.durationMs);
    this.#sound.push(packet);
  }

  takeSound(untilMs: number, { isLast }: { readonly isLast: boolean }): Sound | undefined {
    const isSilent = isLast || untilMs - this.#fromMs > PATIENCE_MS;
    if (this.audio && isSilent) this.#sound ??= this.#trackOf(this.audio, 0);
    return this.#sound?.take(untilMs, { isLast });
  }

  /** Time stamps jitter, so the length of a frame is not theirs: 1024 samples, or twice as many with spectral band replication. */
  #trackOf({ bytes }: TrackInit, durationMs: number): SoundTrack {
    const isDouble = (durationMs * this.#soundRate) / 1000 > 1.5 * AAC_FRAME_TICKS;
    this.#frameTicks = isDouble ? 2 * AAC_FRAME_TICKS : AAC_FRAME_TICKS;
    const frameMs = (this.#frameTicks * 1000) / this.#soundRate;
    return new SoundTrack({ fromMs: this.#fromMs, frameMs, silence: isDouble ? undefined : silenceIn(bytes) });
  }
}

function soundOf({ audio, heard }: Inits, before: PacketRun | undefined): TrackInit | undefined {
  if (before && !before.audio) return undefined;
  const known = before?.audio ?? heard;
  return audio ?? (known && silenceIn(known.bytes) ? known : undefined);
}

function silenceIn(bytes: Uint8Array): Uint8Array | undefined {
  const config = readAacConfig(Buffer.from(bytes));
  return config && silentFrame(config);
}

function isSame(a: TrackInit, b: TrackInit | undefined): boolean {
  return b !== undefined && (a === b || Buffer.from(a.bytes).equals(b.bytes));
}
