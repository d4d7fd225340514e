/** The packets feed in the recorder: the ring of whole groups of pictures, and films that begin in it. */
import { playlistHeader } from '../media/hls-playlist.ts';
import type { Packet, SizePx, TrackInit, VideoFormat } from '../messages/video.ts';
import type { FilmContext, Intake } from './intake.ts';
import { PacketFilm } from './packet-film.ts';
import { PacketRing } from '../ring/packet-ring.ts';
import { planRing, type RingSettings } from '../ring/ring-plan.ts';

/** Bound of what waits for a slow disk, as a multiple of what the ring holds, and at least so much. */
const QUEUE_RINGS = 2;
const MIN_QUEUE_BYTES = 16_777_216;
/** Segments last as long as the camera's groups of pictures, within these; before the first one was seen, this is assumed. */
const MIN_TARGET_SECONDS = 1;
const MAX_TARGET_SECONDS = 10;
const ASSUMED_TARGET_SECONDS = 4;
/** Key frames further apart are worth a word. */
const LONG_GOP_MS = 5000;

export interface PacketIntakeOptions extends RingSettings {
  readonly format: VideoFormat;
  /** told once of each thing that makes clips other than asked */
  readonly onWarning: (fields: object, sentence: string) => void;
}

export class PacketIntake implements Intake {
  readonly feed = 'packets';
  readonly heldMs: number;
  readonly #options: PacketIntakeOptions;
  readonly #ring: PacketRing;
  readonly #films = new Set<PacketFilm>();
  readonly #said = new Set<string>();

  constructor(options: PacketIntakeOptions) {
    const { neededMs } = planRing(options, options.format);
    this.#options = options;
    this.#ring = new PacketRing({ neededMs, maxBytes: options.record.maxRingBytes });
    this.heldMs = neededMs;
  }

  get size(): SizePx {
    return this.#options.format.record;
  }

  get newestPtsMs(): number | undefined {
    const { newestDtsMs } = this.#ring;
    return Number.isFinite(newestDtsMs) ? newestDtsMs : undefined;
  }

  get playlistHeader(): readonly string[] {
    return playlistHeader(this.#targetSeconds, { areIndependent: false });
  }

  addInit(init: TrackInit): void {
    this.#ring.setInit(init);
  }

  add(arrived: Packet): void {
    const kept = this.#ring.push(arrived);
    if (kept) for (const film of this.#films) film.add(kept.packet, kept.inits);
    this.#warn();
  }

  open(fromPtsMs: number, { files, onListed, clock }: FilmContext): PacketFilm {
    const { record } = this.#options.format;
    const film = new PacketFilm({
      ring: this.#ring,
      size: record,
      fps: record.fps,
      fromPtsMs,
      targetMs: this.#targetSeconds * 1000,
      maxQueueBytes: Math.max(MIN_QUEUE_BYTES, QUEUE_RINGS * this.#ring.bytes),
      files,
      onListed,
      clock,
    });
    this.#films.add(film);
    return film;
  }

  close(film: PacketFilm): void {
    this.#films.delete(film);
  }

  clear(): void {
    this.#ring.clear();
  }

  #warn(): void {
    const { longestGopMs, isShort } = this.#ring;
    if (longestGopMs > LONG_GOP_MS) {
      const seconds = (longestGopMs / 1000).toFixed(1);
      this.#sayOnce('gop', () => ({
        fields: { gopMs: Math.round(longestGopMs) },
        sentence: `The camera sends a key frame only every ${seconds} s: clips begin up to ${seconds} s earlier. Set its I-frame interval to 1 or 2 s.`,
      }));
    }
    if (isShort) {
      const { maxRingBytes } = this.#options.record;
      this.#sayOnce('ring', () => ({
        fields: { maxRingBytes, neededMs: Math.round(this.heldMs) },
        sentence: 'What the camera sends is too much for record.maxRingBytes: clips may begin later than event.preRollMs asks.',
      }));
    }
  }

  #sayOnce(what: string, word: () => { fields: object; sentence: string }): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    const { fields, sentence } = word();
    this.#options.onWarning(fields, sentence);
  }

  get #targetSeconds(): number {
    const seconds = Math.ceil(this.#ring.longestGopMs / 1000 - 0.05);
    return seconds === 0 ? ASSUMED_TARGET_SECONDS : Math.min(MAX_TARGET_SECONDS, Math.max(MIN_TARGET_SECONDS, seconds));
  }
}
