/**
 * How far one taker has read in a ring of packets: a place, two numbers. It holds nothing of the ring, and the ring does not
 * know it: whoever reads too slowly goes on at the newest key frame, what it missed is counted, and nobody else notices.
 */
import type { Packet } from '../messages/video.ts';
import type { Inits } from './inits.ts';

/** A place in all that was ever kept: how many packets, and how many pictures among them, came before it. */
export interface Place {
  readonly packets: number;
  readonly pictures: number;
}

/** A packet with what it takes to play it. */
export interface RingPacket {
  readonly packet: Packet;
  readonly inits: Inits;
}

/** What a cursor asks of its ring. */
export interface Readable {
  /** of the first packet held; the end where nothing is held */
  readonly oldest: Place;
  /** of the newest key frame held; the end where nothing is held */
  readonly newestKey: Place;
  /** the packet with so many before it; undefined where it is gone or not there yet */
  at(packets: number): RingPacket | undefined;
}

export class PacketCursor {
  readonly #ring: Readable;
  /** of the packet that is read next */
  #place: Place;
  #dropped = 0;

  constructor(ring: Readable, place: Place) {
    this.#ring = ring;
    this.#place = place;
  }

  /** pictures that were gone before they could be read */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next packet; undefined until there is one. */
  next(): RingPacket | undefined {
    if (this.#place.packets < this.#ring.oldest.packets) this.#jump();
    const found = this.#ring.at(this.#place.packets);
    if (!found) return undefined;
    const { packets, pictures } = this.#place;
    this.#place = { packets: packets + 1, pictures: pictures + (found.packet.isVideo ? 1 : 0) };
    return found;
  }

  #jump(): void {
    const { newestKey } = this.#ring;
    this.#dropped += newestKey.pictures - this.#place.pictures;
    this.#place = newestKey;
  }
}
