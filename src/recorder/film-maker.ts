/** What makes the films of one feed, for as long as the camera's format stays: each begins in its ring. */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { TrackLine } from '../messages/clip.ts';
import type { Feed, SizePx } from '../messages/video.ts';
import type { ClipFolder } from './clip-folder.ts';
import type { Film } from './film.ts';

export interface FilmContext {
  readonly camera: string;
  readonly files: ClipFolder;
  /** no film is longer */
  readonly maxMs: number;
  /** to be told after each segment that was listed */
  readonly onListed: () => void;
  /** boxes so far, clip time */
  readonly lines: () => readonly TrackLine[];
  readonly clock: Clock;
  readonly log: Logger;
}

export interface FilmMaker {
  readonly feed: Feed;
  /** of its pictures */
  readonly size: SizePx;
  /** how far back the ring reaches */
  readonly heldMs: number;
  /** the first lines of a playlist that begins now */
  readonly playlistHeader: readonly string[];
  /** A film that begins at this time, or as far back as the ring goes. */
  open(fromPtsMs: number, context: FilmContext): Film;
}
