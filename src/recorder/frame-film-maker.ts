/** The frames feed in the recorder: films that begin in the ring of raw pictures and are encoded. */
import { SEGMENT_MS } from '../../ffmpeg/hls.ts';
import { playlistHeader } from '../media/hls-playlist.ts';
import type { SizePx } from '../messages/video.ts';
import type { FormatRing } from '../ring/camera-ring.ts';
import { pictureBytes } from '../ring/ring-plan.ts';
import { FrameFilm, type FrameFilmOptions } from './frame-film.ts';
import type { FilmContext, FilmMaker } from './film-maker.ts';

/** Bound of the queue to the encoder, as a multiple of the ring. */
const QUEUE_RINGS = 2;

export class FrameFilmMaker implements FilmMaker {
  readonly feed = 'frames';
  readonly playlistHeader = playlistHeader(Math.ceil(SEGMENT_MS / 1000));
  readonly heldMs: number;
  readonly size: SizePx;
  readonly #from: FormatRing & { feed: 'frames' };
  readonly #burnIn: FrameFilmOptions['burnIn'];

  constructor(from: FormatRing & { feed: 'frames' }, burnIn: FrameFilmOptions['burnIn']) {
    this.#from = from;
    this.#burnIn = burnIn;
    this.heldMs = from.plan.heldMs;
    this.size = from.format.record;
  }

  open(fromPtsMs: number, context: FilmContext): FrameFilm {
    const { ring, plan, format } = this.#from;
    return new FrameFilm({
      ...context,
      ring: ring.reel,
      size: this.size,
      fps: format.record.fps,
      fromPtsMs,
      frameBytes: pictureBytes(this.size),
      burnIn: this.#burnIn,
      maxQueueBytes: QUEUE_RINGS * plan.bytes,
    });
  }
}
