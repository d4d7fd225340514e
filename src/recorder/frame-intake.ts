/** The frames feed in the recorder: the ring of raw pictures, how much it holds, and films that begin in it. */
import { SEGMENT_MS } from '../../ffmpeg/hls.ts';
import { playlistHeader } from '../media/hls-playlist.ts';
import type { RecordFrame, SizePx, VideoFormat } from '../messages/video.ts';
import { FrameFilm } from './frame-film.ts';
import type { FilmContext, Intake } from './intake.ts';
import { Reel } from '../ring/reel.ts';
import { pictureBytes, planRing, type RingPlan, type RingSettings } from '../ring/ring-plan.ts';

/** Bound of the queue to the encoder, as a multiple of the ring. */
const QUEUE_RINGS = 2;

export class FrameIntake implements Intake {
  readonly feed = 'frames';
  readonly playlistHeader = playlistHeader(Math.ceil(SEGMENT_MS / 1000));
  readonly #settings: RingSettings;
  readonly #format: VideoFormat;
  readonly #plan: RingPlan;
  readonly #ring = new Reel();
  readonly #films = new Set<FrameFilm>();

  constructor(settings: RingSettings, format: VideoFormat) {
    this.#settings = settings;
    this.#format = format;
    this.#plan = planRing(settings, format);
  }

  get size(): SizePx {
    return this.#format.record;
  }

  get heldMs(): number {
    return this.#plan.heldMs;
  }

  get newestPtsMs(): number | undefined {
    const { isEmpty, endIndex } = this.#ring;
    return isEmpty ? undefined : ((endIndex - 1) * 1000) / this.#format.record.fps;
  }

  /** Retains what it keeps. */
  add(frame: RecordFrame): void {
    const { frames, bytes } = this.#plan;
    this.#ring.push(frame);
    for (const film of this.#films) film.take();
    this.#ring.dropBefore(this.#ring.endIndex - frames);
    while (this.#ring.bytes() > bytes) this.#ring.dropOldest();
  }

  open(fromPtsMs: number, context: FilmContext): FrameFilm {
    const { record } = this.#format;
    const film = new FrameFilm({
      ...context,
      ring: this.#ring,
      size: record,
      fps: record.fps,
      fromPtsMs,
      frameBytes: pictureBytes(record),
      burnIn: this.#settings.record.burnIn,
      maxQueueBytes: QUEUE_RINGS * this.#plan.bytes,
    });
    this.#films.add(film);
    return film;
  }

  close(film: FrameFilm): void {
    this.#films.delete(film);
  }

  clear(): void {
    this.#ring.clear();
  }
}
