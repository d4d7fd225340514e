/**
 * Packets as they come -> pieces of segments, in the order they are written. Pure.
 *
 * A segment is one group of pictures. One that would outlast the target duration is cut without a key frame, so a playlist never
 * calls its segments independent. How long a packet stands is known when the next one comes: the newest is held back until then.
 * Rounded to whole seconds no segment exceeds the target (RFC 8216, 4.3.3.1). Where a camera sent nothing for longer, still pictures
 * fill the hole (`still-fill`), so that time goes on.
 * Bounded in bytes: when what waits is too much, the film ends behind the last whole segment.
 */
import type { Packet } from '../messages/video.ts';
import { type Inits, isSameConnection } from '../ring/inits.ts';
import { OpenGroup, type Piece } from './still-fill.ts';

/** Still less than half a second above the target: rounded, it is the target. */
const ROUNDED_OFF_MS = 499;

interface Held {
  readonly packet: Packet;
  readonly inits: Inits;
}

export interface PacketQueueOptions {
  /** where the film would begin */
  readonly fromMs: number;
  readonly targetMs: number;
  readonly maxBytes: number;
}

export class PacketQueue {
  readonly #options: PacketQueueOptions;
  #ready: Piece[] = [];
  #held: Held | undefined;
  #first: Packet | undefined;
  readonly #group: OpenGroup;
  #segmentMs = 0;
  #endMs: number;
  #closeMs = Infinity;
  #isClosed = false;
  /** too much waited to be written */
  #isFull = false;
  #dropped = 0;
  #readyBytes = 0;

  constructor(options: PacketQueueOptions) {
    this.#options = options;
    this.#group = new OpenGroup(options.maxBytes / 2);
    this.#endMs = options.fromMs;
  }

  get first(): Packet | undefined {
    return this.#first;
  }

  get closeMs(): number {
    return this.#closeMs;
  }

  /** Where the newest packet ends, as far as that is known. */
  get endMs(): number {
    return this.#held ? this.#held.packet.dtsMs + this.#held.packet.durationMs : this.#endMs;
  }

  /** no piece will be added any more */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get waitingBytes(): number {
    return this.#readyBytes;
  }

  push(packet: Packet, inits: Inits): void {
    if (this.#isClosed) {
      if (this.#isFull && packet.dtsMs < this.#closeMs) this.#dropped += 1;
      return;
    }
    if (!this.#held) {
      if (!packet.isKey) return;
      this.#first = packet;
      this.#segmentMs = packet.dtsMs;
    } else if (packet.dtsMs >= this.#closeMs) {
      this.#finish(packet.dtsMs);
      return;
    } else {
      this.#follow(this.#held, { packet, inits });
    }
    this.#held = { packet, inits };
    this.#group.add(packet);
    this.#bound();
  }

  /** What is ready ends a segment here: it shall be seen before the group of pictures is complete. */
  cut(): void {
    const last = this.#ready.at(-1);
    if (!last || this.#ready.some(({ ends }) => ends)) return;
    this.#ready[this.#ready.length - 1] = { ...last, ends: 'segment' };
    this.#segmentMs = last.packet.dtsMs + last.durationMs;
  }

  /** The film ends with the frame that covers this time, or with what was written already. */
  closeAt(ptsMs: number): void {
    this.#closeMs = Math.min(this.#closeMs, ptsMs);
    if (this.#isClosed) return;
    if (this.#held && this.#held.packet.dtsMs >= this.#closeMs) {
      const endMs = this.#held.packet.dtsMs;
      this.#held = undefined;
      this.#truncate();
      this.#endMs = Math.min(endMs, this.#endMs);
      this.#isClosed = true;
      return;
    }
    if (this.endMs >= this.#closeMs) this.#finish(this.endMs);
  }

  /** The next pieces of one segment that can be written, in order; empty where there are none now. */
  next(): readonly Piece[] {
    const end = this.#ready.findIndex(({ ends }) => ends);
    const batch = this.#ready.splice(0, end < 0 ? this.#ready.length : end + 1);
    for (const { packet } of batch) this.#readyBytes -= packet.data.byteLength;
    return batch;
  }

  /** Lets go of everything; what was not written counts as dropped. */
  clear(): void {
    this.#dropped += this.#ready.length + (this.#held ? 1 : 0);
    this.#endMs = this.#ready[0]?.packet.dtsMs ?? this.endMs;
    this.#held = undefined;
    this.#ready = [];
    this.#readyBytes = 0;
    this.#closeMs = Math.min(this.#closeMs, this.#endMs);
    this.#isClosed = true;
  }

  /** The held packet is complete: the next one is here. */
  #follow(held: Held, next: Held): void {
    const { targetMs } = this.#options;
    const untilMs = next.packet.dtsMs;
    const isNewRun = !isSameConnection(next.inits, held.inits);
    const isTooLong = untilMs + next.packet.durationMs - this.#segmentMs > targetMs;
    const ends = isNewRun ? 'run' : next.packet.isKey || isTooLong ? 'segment' : undefined;
    this.#stand(held, { untilMs, ends, isReferredTo: !next.packet.isKey });
  }

  #finish(endMs: number): void {
    if (this.#held) this.#stand(this.#held, { untilMs: endMs, ends: 'run', isReferredTo: false });
    this.#held = undefined;
    this.#endMs = endMs;
    this.#isClosed = true;
  }

  /** The picture stands until then, or to the end of its segment and still pictures after it. */
  #stand(held: Held, { untilMs, ends, isReferredTo }: { untilMs: number; ends: Piece['ends']; isReferredTo: boolean }): void {
    const { targetMs } = this.#options;
    const { dtsMs } = held.packet;
    if (untilMs - this.#segmentMs <= targetMs + ROUNDED_OFF_MS) {
      this.#add({ ...held, durationMs: untilMs - dtsMs, ends });
    } else {
      const stillMs = Math.max(this.#segmentMs + targetMs, dtsMs + 1);
      this.#add({ ...held, durationMs: stillMs - dtsMs, ends: 'segment' });
      const hole = { fromMs: stillMs, untilMs, segmentMs: targetMs, inits: held.inits, ends, isReferredTo };
      for (const piece of this.#group.stillsOver(hole)) this.#add(piece);
    }
    this.#endMs = untilMs;
  }

  #add(piece: Piece): void {
    this.#ready.push(piece);
    this.#readyBytes += piece.packet.data.byteLength;
    if (piece.ends) this.#segmentMs = piece.packet.dtsMs + piece.durationMs;
  }

  #truncate(): void {
    for (let last = this.#ready.at(-1); last && last.packet.dtsMs >= this.#closeMs; last = this.#ready.at(-1)) {
      this.#drop(last);
      this.#endMs = last.packet.dtsMs;
    }
  }

  #bound(): void {
    if (this.#readyBytes <= this.#options.maxBytes) return;
    this.#dropped += 1;
    this.#held = undefined;
    for (let last = this.#ready.at(-1); last && !last.ends; last = this.#ready.at(-1)) {
      this.#drop(last);
      this.#dropped += 1;
    }
    const last = this.#ready.at(-1);
    this.#endMs = last ? last.packet.dtsMs + last.durationMs : this.#endMs;
    this.#isClosed = true;
    this.#isFull = true;
  }

  #drop(last: Piece): void {
    this.#ready.pop();
    this.#readyBytes -= last.packet.data.byteLength;
  }
}
