/**
 * The camera's last packets, in whole groups of pictures, so that a clip that begins with one is never shorter than asked.
 * Bounded in time and bytes: the oldest group goes first, and where a single one is too large, it goes, too. Takers are told of
 * a packet before the bounds are kept, so one that reads at once gets every packet.
 */
import type { Packet, TrackInit } from '../messages/video.ts';
import { type Inits, isSameConnection, withInit } from './inits.ts';
import { PacketCursor, type Place, type Readable, type RingPacket } from './packet-cursor.ts';
import { type Taker, Takers } from './takers.ts';

/** From one key frame to the next, sound between the pictures as it came. */
interface Gop {
  /** as far as they are known by now */
  inits: Inits;
  readonly startPtsMs: number;
  readonly place: Place;
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
  /** where the camera was away for longer, the film breaks */
  readonly maxGapMs: number;
}

export class PacketRing implements Readable {
  readonly options: PacketRingOptions;
  readonly #takers = new Takers();
  #gops: Gop[] = [];
  #inits: Inits | undefined;
  #end: Place = { packets: 0, pictures: 0 };
  #newestDtsMs = Number.NEGATIVE_INFINITY;
  #longestGopMs = 0;
  #bytes = 0;
  #isShort = false;

  constructor(options: PacketRingOptions) {
    this.options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** the bound in bytes has cost time that is needed */
  get isShort(): boolean {
    return this.#isShort;
  }

  get gops(): readonly Readonly<Gop>[] {
    return this.#gops;
  }

  /** From one key frame to the next, the longest seen so far; 0 before the second key frame. */
  get longestGopMs(): number {
    return this.#longestGopMs;
  }

  /** of the first packet held */
  get oldest(): Place {
    return this.#gops[0]?.place ?? this.#end;
  }

  /** of the newest key frame held */
  get newestKey(): Place {
    return this.#gops.at(-1)?.place ?? this.#end;
  }

  follow(taker: Taker): () => void {
    return this.#takers.add(taker);
  }

  /** A new connection begins with that of its video. */
  setInit(init: TrackInit): void {
    const inits = withInit(this.#inits, init);
    this.#inits = inits;
    if (!inits) return;
    for (const gop of this.#gops) if (isSameConnection(gop.inits, inits)) gop.inits = inits;
  }

  /** Keeps the packet's bytes, in its time (which never runs back); not where nothing before it can be decoded. */
  add(arrived: Packet): void {
    if (arrived.isVideo && this.#isAfterLongGap(arrived)) this.clear();
    const packet = arrived.isVideo ? this.#inOrder(arrived) : arrived;
    if (packet.isVideo && packet.isKey && this.#inits) this.#open(packet, this.#inits);
    const gop = this.#gops.at(-1);
    if (!gop || !isSameConnection(gop.inits, this.#inits)) return;
    gop.packets.push(packet);
    gop.bytes += packet.data.byteLength;
    this.#bytes += packet.data.byteLength;
    const { packets, pictures } = this.#end;
    this.#end = { packets: packets + 1, pictures: pictures + (packet.isVideo ? 1 : 0) };
    this.#takers.added();
    this.#trim();
  }

  /** Reads from the group of pictures that holds this time, or from the first there is; without a time, from the newest key frame. */
  cursor(fromPtsMs = Infinity): PacketCursor {
    const gop = this.#gops.findLast(({ startPtsMs }) => startPtsMs <= fromPtsMs);
    return new PacketCursor(this, gop?.place ?? this.oldest);
  }

  /** The packet with so many before it; undefined where it is gone or not there yet. */
  at(packets: number): RingPacket | undefined {
    const gop = this.#gops.findLast(({ place }) => place.packets <= packets);
    const packet = gop?.packets[packets - gop.place.packets];
    return gop && packet && { packet, inits: gop.inits };
  }

  /** What is known of this connection by now. */
  newestOf(inits: Inits): Inits {
    return this.#inits && isSameConnection(this.#inits, inits) ? this.#inits : inits;
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

  /** Lets go of everything, once takers were told. */
  clear(): void {
    this.#takers.broke();
    this.#gops = [];
    this.#bytes = 0;
  }

  #isAfterLongGap({ ptsMs }: Packet): boolean {
    return Number.isFinite(this.#newestDtsMs) && ptsMs - this.#newestDtsMs > this.options.maxGapMs;
  }

  #open(packet: Packet, inits: Inits): void {
    const last = this.#gops.at(-1);
    // A gap between two connections says nothing about the camera's key frames.
    if (isSameConnection(last?.inits, inits)) {
      this.#longestGopMs = Math.max(this.#longestGopMs, packet.ptsMs - (last?.startPtsMs ?? packet.ptsMs));
    }
    this.#gops.push({ inits, startPtsMs: packet.ptsMs, place: this.#end, packets: [], bytes: 0 });
  }

  #inOrder(packet: Packet): Packet {
    const { dtsMs } = packet;
    const lateMs = Math.max(0, this.#newestDtsMs + 0.1 - dtsMs);
    this.#newestDtsMs = dtsMs + lateMs;
    return lateMs === 0 ? packet : { ...packet, dtsMs: dtsMs + lateMs, ptsMs: Math.max(packet.ptsMs, dtsMs + lateMs) };
  }

  #trim(): void {
    const { neededMs, maxBytes } = this.options;
    const oldestMs = this.#newestDtsMs - neededMs;
    while (this.#bytes > maxBytes || (this.#gops[1]?.startPtsMs ?? Infinity) <= oldestMs) {
      this.#isShort ||= (this.#gops[1]?.startPtsMs ?? Infinity) > oldestMs;
      this.#bytes -= this.#gops.shift()?.bytes ?? this.#bytes;
    }
  }
}
