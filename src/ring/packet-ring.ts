/**
 * The camera's last packets, in whole groups of pictures, so that a clip that begins with one is never shorter than asked.
 * Bounded in time and bytes: the oldest group goes first, and where a single one is too large, it goes, too. Pure.
 */
import type { Packet, TrackInit } from '../messages/video.ts';

/** What the packets of one connection need to be played. Sound may announce itself after the first pictures. */
export interface Inits {
  readonly video: TrackInit;
  audio: TrackInit | undefined;
}

/** From one key frame to the next, sound between the pictures as it came. */
export interface Gop {
  readonly inits: Inits;
  readonly startPtsMs: number;
  readonly packets: Packet[];
  bytes: number;
}

/** The pictures that have to be decoded to see the last one in `shownIndex`-th place of the order in which they are shown. */
export interface StillPackets {
  readonly inits: Inits;
  readonly packets: readonly Packet[];
  readonly shownIndex: number;
}

export interface PacketRingOptions {
  readonly neededMs: number;
  readonly maxBytes: number;
}

export class PacketRing {
  readonly #options: PacketRingOptions;
  #gops: Gop[] = [];
  #inits: Inits | undefined;
  #newestDtsMs = Number.NEGATIVE_INFINITY;
  #longestGopMs = 0;
  #bytes = 0;
  #isShort = false;

  constructor(options: PacketRingOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** the bound in bytes has cost time that is needed */
  get isShort(): boolean {
    return this.#isShort;
  }

  get gops(): readonly Gop[] {
    return this.#gops;
  }

  get newestDtsMs(): number {
    return this.#newestDtsMs;
  }

  /** From one key frame to the next, the longest seen so far; 0 before the second key frame. */
  get longestGopMs(): number {
    return this.#longestGopMs;
  }

  /** A new connection begins with that of its video. */
  setInit(init: TrackInit): void {
    if (init.isVideo) this.#inits = { video: init, audio: undefined };
    else if (this.#inits) this.#inits.audio = init;
  }

  /** Returns the packet as it was kept (time never runs back) and what it needs; undefined where nothing before it can be decoded. */
  push(arrived: Packet): { readonly packet: Packet; readonly inits: Inits } | undefined {
    const packet = arrived.isVideo ? this.#inOrder(arrived) : arrived;
    if (packet.isVideo && packet.isKey && this.#inits) this.#open(packet, this.#inits);
    const gop = this.#gops.at(-1);
    if (!gop || gop.inits !== this.#inits) return undefined;
    gop.packets.push(packet);
    gop.bytes += packet.data.byteLength;
    this.#bytes += packet.data.byteLength;
    this.#trim();
    return { packet, inits: gop.inits };
  }

  /** The groups from the one that holds this time, or from the first there is. */
  from(ptsMs: number): readonly Gop[] {
    const first = this.#gops.findLastIndex(({ startPtsMs }) => startPtsMs <= ptsMs);
    return this.#gops.slice(Math.max(0, first));
  }

  /** What shows the last picture that begins at this time or before. */
  still(ptsMs: number): StillPackets | undefined {
    const gop = this.#gops.findLast(({ startPtsMs }) => startPtsMs <= ptsMs);
    const pictures = gop?.packets.filter(({ isVideo }) => isVideo) ?? [];
    const shown = pictures.filter((packet) => packet.ptsMs <= ptsMs);
    if (!gop || shown.length === 0) return undefined;
    const lastDtsMs = Math.max(...shown.map(({ dtsMs }) => dtsMs));
    const packets = pictures.filter(({ dtsMs }) => dtsMs <= lastDtsMs);
    return { inits: gop.inits, packets, shownIndex: shown.length - 1 };
  }

  clear(): void {
    this.#gops = [];
    this.#bytes = 0;
  }

  #open(packet: Packet, inits: Inits): void {
    const last = this.#gops.at(-1);
    // A gap between two connections says nothing about the camera's key frames.
    if (last?.inits === inits) this.#longestGopMs = Math.max(this.#longestGopMs, packet.ptsMs - last.startPtsMs);
    this.#gops.push({ inits, startPtsMs: packet.ptsMs, packets: [], bytes: 0 });
  }

  #inOrder(packet: Packet): Packet {
    const { dtsMs } = packet;
    const lateMs = Math.max(0, this.#newestDtsMs + 0.1 - dtsMs);
    this.#newestDtsMs = dtsMs + lateMs;
    return lateMs === 0 ? packet : { ...packet, dtsMs: dtsMs + lateMs, ptsMs: Math.max(packet.ptsMs, dtsMs + lateMs) };
  }

  #trim(): void {
    const { neededMs, maxBytes } = this.#options;
    const oldestMs = this.#newestDtsMs - neededMs;
    while (this.#bytes > maxBytes || (this.#gops[1]?.startPtsMs ?? Infinity) <= oldestMs) {
      this.#isShort ||= (this.#gops[1]?.startPtsMs ?? Infinity) > oldestMs;
      this.#bytes -= this.#gops.shift()?.bytes ?? this.#bytes;
    }
  }
}
