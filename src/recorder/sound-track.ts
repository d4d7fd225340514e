/**
 * Sound as it comes -> sound without holes beside the pictures: a player stops where one of two tracks has nothing. Sound that
 * starts late, stalls or has gaps is filled with silent frames; what comes too late for its place is left out. Pure.
 */
import type { Packet } from '../messages/video.ts';

/** Sound may be so much later than its pictures before silence takes its place. */
export const PATIENCE_MS = 2000;

export interface SoundTrackOptions {
  /** where the film begins */
  readonly fromMs: number;
  readonly frameMs: number;
  /** undefined: holes stay */
  readonly silence: Uint8Array | undefined;
}

export interface Sound {
  readonly startMs: number;
  /** one after the other, each as long as a frame */
  readonly frames: readonly Uint8Array[];
}

export class SoundTrack {
  readonly #options: SoundTrackOptions;
  #waiting: Packet[] = [];
  #headMs: number;

  constructor(options: SoundTrackOptions) {
    this.#options = options;
    this.#headMs = options.fromMs;
  }

  push(packet: Packet): void {
    this.#waiting.push(packet);
  }

  /** What stands beside pictures up to `untilMs`; at the end of the film nothing is waited for. */
  take(untilMs: number, { isLast }: { readonly isLast: boolean }): Sound {
    const { frameMs } = this.#options;
    const frames: Uint8Array[] = [];
    while (this.#waiting[0] && this.#waiting[0].dtsMs < untilMs) {
      const packet = this.#waiting.shift() as Packet;
      if (packet.dtsMs < this.#headMs - frameMs / 2) continue;
      if (packet.dtsMs > this.#headMs + 1.5 * frameMs) {
        if (!this.#fillTo(packet.dtsMs, frames) && frames.length > 0) {
          this.#waiting.unshift(packet);
          break;
        }
      }
      frames.push(packet.data);
      this.#headMs += frameMs;
    }
    if (isLast || untilMs - this.#headMs > PATIENCE_MS) this.#fillTo(isLast ? untilMs : untilMs - PATIENCE_MS / 2, frames);
    return { startMs: this.#headMs - frames.length * frameMs, frames };
  }

  /** Silence up to this time. Where there is none the hole stays: false. */
  #fillTo(untilMs: number, frames: Uint8Array[]): boolean {
    const { frameMs, silence } = this.#options;
    if (!silence) {
      if (frames.length === 0) this.#headMs = untilMs;
      return false;
    }
    while (this.#headMs + frameMs / 2 <= untilMs) {
      frames.push(silence);
      this.#headMs += frameMs;
    }
    return true;
  }
}
