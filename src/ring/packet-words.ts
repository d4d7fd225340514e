/** What a person should know of a camera whose packets make clips other than asked; each is said once. */
import type { PacketRing } from './packet-ring.ts';

/** Key frames further apart are worth a word. */
const LONG_GOP_MS = 5000;

export type OnWarning = (fields: object, sentence: string) => void;

export class PacketWords {
  readonly #ring: PacketRing;
  readonly #onWarning: OnWarning;
  readonly #said = new Set<string>();

  constructor(ring: PacketRing, onWarning: OnWarning) {
    this.#ring = ring;
    this.#onWarning = onWarning;
  }

  /** To be called after each packet. */
  look(): void {
    const { longestGopMs, isShort, options } = this.#ring;
    if (longestGopMs > LONG_GOP_MS && this.#isNew('gop')) {
      const seconds = (longestGopMs / 1000).toFixed(1);
      this.#onWarning(
        { gopMs: Math.round(longestGopMs) },
        `The camera sends a key frame only every ${seconds} s: clips begin up to ${seconds} s earlier. Set its I-frame interval to 1 or 2 s.`,
      );
    }
    if (isShort && this.#isNew('ring')) {
      this.#onWarning(
        { maxRingBytes: options.maxBytes, neededMs: Math.round(options.neededMs) },
        'What the camera sends is too much for record.maxRingBytes: clips may begin later than event.preRollMs asks.',
      );
    }
  }

  #isNew(what: string): boolean {
    return this.#said.size < this.#said.add(what).size;
  }
}
