/** One connection of a camera within a film: its init file, its clocks and its sound. */
import { createHash } from 'node:crypto';
import { readAacConfig, silentFrame } from '../lib/fmp4/aac.ts';
import { joinInits } from '../lib/fmp4/muxer.ts';
import { readDefaults } from '../lib/fmp4/samples.ts';
import type { ClipFile, Packet, TrackInit } from '../messages.ts';
import type { Inits } from './packet-ring.ts';
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
  readonly soundTicks: { readonly ticksPerSecond: number; readonly frameTicks: number };
  readonly #sound: SoundTrack | undefined;

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
    const ticksPerSecond = inits.audio ? readDefaults(Buffer.from(inits.audio.bytes)).ticksPerSecond : 1;
    this.soundTicks = { ticksPerSecond, frameTicks: AAC_FRAME_TICKS };
    this.#sound = inits.audio && trackOf(inits.audio, { fromMs, ticksPerSecond });
  }

  /** As it stands in the list of files. */
  get file(): Pick<ClipFile, 'name' | 'bytes' | 'sha256'> {
    const { name, bytes } = this;
    return { name, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  addSound(packet: Packet): void {
    this.#sound?.push(packet);
  }

  takeSound(untilMs: number, { isLast }: { readonly isLast: boolean }): Sound | undefined {
    return this.#sound?.take(untilMs, { isLast });
  }
}

function trackOf({ bytes }: TrackInit, { fromMs, ticksPerSecond }: { fromMs: number; ticksPerSecond: number }): SoundTrack {
  const config = readAacConfig(Buffer.from(bytes));
  const frameMs = (AAC_FRAME_TICKS * 1000) / ticksPerSecond;
  return new SoundTrack({ fromMs, frameMs, silence: config && silentFrame(config) });
}
