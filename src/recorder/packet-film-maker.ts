/** The packets feed in the recorder: films that begin in the ring, in segments about as long as the camera's groups of pictures. */
import { playlistHeader } from '../media/hls-playlist.ts';
import type { SizePx } from '../messages/video.ts';
import type { FormatRing } from '../ring/camera-ring.ts';
import type { FilmContext, FilmMaker } from './film-maker.ts';
import { PacketFilm } from './packet-film.ts';

/** Bound of what waits for a slow disk, as a multiple of what the ring holds, and at least so much. */
const QUEUE_RINGS = 2;
const MIN_QUEUE_BYTES = 16_777_216;
/** Segments last as long as the camera's groups of pictures, within these; before the first one was seen, this is assumed. */
const MIN_TARGET_SECONDS = 1;
const MAX_TARGET_SECONDS = 10;
const ASSUMED_TARGET_SECONDS = 4;

export class PacketFilmMaker implements FilmMaker {
  readonly feed = 'packets';
  readonly heldMs: number;
  readonly size: SizePx;
  readonly #from: FormatRing & { feed: 'packets' };

  constructor(from: FormatRing & { feed: 'packets' }) {
    this.#from = from;
    this.heldMs = from.plan.heldMs;
    this.size = from.format.record;
  }

  get playlistHeader(): readonly string[] {
    return playlistHeader(this.#targetSeconds, { areIndependent: false });
  }

  open(fromPtsMs: number, { files, onListed, clock }: FilmContext): PacketFilm {
    const { ring, format } = this.#from;
    return new PacketFilm({
      ring,
      size: this.size,
      fps: format.record.fps,
      fromPtsMs,
      targetMs: this.#targetSeconds * 1000,
      maxQueueBytes: Math.max(MIN_QUEUE_BYTES, QUEUE_RINGS * ring.bytes),
      files,
      onListed,
      clock,
    });
  }

  get #targetSeconds(): number {
    const seconds = Math.ceil(this.#from.ring.longestGopMs / 1000 - 0.05);
    return seconds === 0 ? ASSUMED_TARGET_SECONDS : Math.min(MAX_TARGET_SECONDS, Math.max(MIN_TARGET_SECONDS, seconds));
  }
}
