/**
 * A hole in what a camera sent -> still pictures that fill it, so that time goes on and no segment is too long. Pure.
 *
 * Each segment repeats the last key frame. Pictures that go on without one refer to those before the hole: the last segment
 * repeats its whole group then, a millisecond a picture, and stands at its end.
 */
import type { Packet } from '../messages/video.ts';
import type { Inits } from '../ring/inits.ts';

export interface Piece {
  readonly packet: Packet;
  readonly inits: Inits;
  readonly durationMs: number;
  /** it is the last of a segment, or even of what one connection sent */
  readonly ends: 'segment' | 'run' | undefined;
}

export interface Hole {
  readonly fromMs: number;
  readonly untilMs: number;
  /** a segment lasts no longer */
  readonly segmentMs: number;
  readonly inits: Inits;
  readonly ends: Piece['ends'];
  /** the picture behind it is no key frame */
  readonly isReferredTo: boolean;
}

const REPEAT_MS = 1;

/** The group of pictures that grows. The ring holds the same packets; a group larger than `maxBytes` is not held. */
export class OpenGroup {
  readonly #maxBytes: number;
  #packets: Packet[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(packet: Packet): void {
    if (packet.isKey) {
      this.#packets = [];
      this.#bytes = 0;
    }
    this.#bytes += packet.data.byteLength;
    if (packet.isKey || this.#bytes <= this.#maxBytes) this.#packets.push(packet);
    else this.#packets.splice(1);
  }

  /** Each piece follows the one before; all but the last segment end here. */
  stillsOver({ fromMs, untilMs, segmentMs, inits, ends, isReferredTo }: Hole): Piece[] {
    const [key] = this.#packets;
    if (!key) return [];
    const count = Math.ceil((untilMs - fromMs) / segmentMs);
    const startMs = (part: number): number => (part === count ? untilMs : fromMs + (part * (untilMs - fromMs)) / count);
    return Array.from({ length: count }, (_, part) => {
      const isLast = part === count - 1;
      const span = { fromMs: startMs(part), untilMs: startMs(part + 1) };
      const packets = isLast && isReferredTo ? this.#repeated(span) : [movedTo(key, span.fromMs)];
      return packets.map((packet, i): Piece => {
        const next = packets[i + 1];
        const durationMs = (next?.dtsMs ?? span.untilMs) - packet.dtsMs;
        return { packet, inits, durationMs, ends: next ? undefined : isLast ? ends : 'segment' };
      });
    }).flat();
  }

  /** The group from here on, as fast as it takes to leave time for its last picture. */
  #repeated({ fromMs, untilMs }: { fromMs: number; untilMs: number }): Packet[] {
    const packets = this.#packets;
    const stepMs = Math.min(REPEAT_MS, (untilMs - fromMs) / (packets.length + 1));
    const groupMs = (packets.at(-1)?.dtsMs ?? 0) - (packets[0]?.dtsMs ?? 0);
    const scale = groupMs > 0 ? Math.min(1, (stepMs * packets.length) / groupMs) : 1;
    const [first] = packets;
    const delayMs = first ? first.ptsMs - first.dtsMs : 0;
    return packets.map((packet, i) => movedTo(packet, fromMs + i * stepMs, { scale, delayMs }));
  }
}

/** `scale`: of the time between decoding and showing it, beyond that of a key frame. */
function movedTo(packet: Packet, dtsMs: number, { scale, delayMs } = { scale: 1, delayMs: 0 }): Packet {
  const offsetMs = delayMs + (packet.ptsMs - packet.dtsMs - delayMs) * scale;
  return { ...packet, dtsMs, ptsMs: dtsMs + offsetMs, atMs: packet.atMs + dtsMs - packet.dtsMs };
}
