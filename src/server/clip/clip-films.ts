/**
 * A clip's folder and playlist → clip.mp4 as a film: a head in memory and pieces of the segments. Nothing is written and no
 * segment is held. The films asked for last are kept, because a player asks for one again with every seek.
 */
import { createHash } from 'node:crypto';
import { codeOf, messageOf } from '../../lib/errors.ts';
import { isVideo } from '../../media/clip-files.ts';
import { MAX_INIT_BYTES, MAX_LISTED_SEGMENTS } from '../../media/file-bounds.ts';
import { Mp4Error } from '../../media/fmp4/boxes.ts';
import { type Mp4Part, type VirtualMp4, virtualMp4Of } from '../../media/fmp4/virtual-mp4.ts';
import { readTracks } from '../../media/fmp4/tracks.ts';
import { type ListedSegment, parsePlaylist } from '../../media/hls-playlist.ts';
import { bytesOf, realPathOf } from '../files.ts';
import { HttpError } from '../problem.ts';
import { indexSegment } from './segment-index.ts';

export interface ClipFilm extends VirtualMp4 {
  readonly etag: string;
}

const MAX_KEPT = 12;

export class ClipFilms {
  readonly #kept = new Map<string, Promise<ClipFilm>>();

  /** Rejects with an HttpError: 410 where the clip is gone, 409 where its parts cannot be one file. */
  async film(folder: string, playlist: string): Promise<ClipFilm> {
    const key = `${folder}\n${playlist}`;
    const film = this.#kept.get(key) ?? makeFilm(folder, playlist);
    this.#kept.delete(key);
    this.#kept.set(key, film);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
    try {
      return await film;
    } catch (error) {
      this.#kept.delete(key);
      throw asHttpError(error);
    }
  }
}

/** What keeps a clip from being made into something else, as an answer. */
export async function orHttpError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asHttpError(error);
  }
}

function asHttpError(error: unknown): unknown {
  if (error instanceof Mp4Error) return new HttpError(409, `This clip cannot be made into that: ${messageOf(error)}`);
  const isGone = codeOf(error) === 'ENOENT' || (error instanceof HttpError && error.status === 404);
  return isGone ? new HttpError(410, 'The video of this event is gone') : error;
}

async function makeFilm(folder: string, playlist: string): Promise<ClipFilm> {
  const { segments } = parsePlaylist(playlist);
  checkedNames(segments);
  const parts: Mp4Part[] = [];
  for (const run of runsOf(segments)) parts.push(await readPart(folder, run));
  const film = virtualMp4Of(parts, { createdAtMs: segments[0]?.atMs });
  const hash = createHash('sha256').update(film.head).update(JSON.stringify(film.pieces));
  return { ...film, etag: `"${hash.digest('base64url').slice(0, 22)}"` };
}

/** A playlist was written by us, but lies on a disk: an Mp4Error where it names what is no file of a clip, one twice, or endlessly many. */
export function checkedNames(segments: readonly ListedSegment[]): void {
  const names = segments.flatMap(({ initName, name }) => [initName, name]);
  const strange = names.find((name) => name !== undefined && !isVideo(name));
  if (segments.length > MAX_LISTED_SEGMENTS) throw new Mp4Error(`its playlist lists ${segments.length} segments`);
  const seen = new Set<string>();
  const twice = segments.find(({ name }) => seen.size === seen.add(name).size);
  if (twice) throw new Mp4Error(`its playlist lists ${twice.name} twice`);
  if (strange !== undefined) throw new Mp4Error(`its playlist names ${strange}, which is no file of a clip`);
}

/** Segments in a row that have the same init. */
function runsOf(segments: readonly ListedSegment[]): ListedSegment[][] {
  const runs: ListedSegment[][] = [];
  for (const segment of segments) {
    const last = runs.at(-1);
    if (last && last[0]?.initName === segment.initName) last.push(segment);
    else runs.push([segment]);
  }
  return runs;
}

async function readPart(folder: string, segments: readonly ListedSegment[]): Promise<Mp4Part> {
  const initName = segments[0]?.initName;
  if (initName === undefined) throw new Mp4Error('its playlist names no init file');
  const init = await bytesOf({ root: folder, name: initName }, MAX_INIT_BYTES);
  const tracks = readTracks(init);
  const indexed: Mp4Part['segments'][number][] = [];
  for (const { name } of segments) indexed.push(await indexSegment(await realPathOf(folder, name), name, tracks));
  return { init, segments: indexed };
}
