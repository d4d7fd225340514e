/**
 * Init files and segments, whole or one track of them. They are cached for ever, so one of an open clip is sent only once the
 * playlist lists it: until then it is not whole.
 */
import { initName, isVideo } from '../../media/clip-files.ts';
import { parsePlaylist } from '../../media/hls-playlist.ts';
import { IMMUTABLE, sendFileOf } from '../files.ts';
import { eventOf, type KnownEvents } from '../known-events.ts';
import { HttpError, nothingAt } from '../problem.ts';
import type { Asked } from '../route.ts';
import { trackFile } from './clip-dash.ts';
import { orHttpError } from './clip-films.ts';
import { closedPlaylist } from './listed-clip.ts';
import { sendFilm } from './send-film.ts';

export async function sendSegment(asked: Asked<'id' | 'file'>, events: KnownEvents): Promise<void> {
  const { req, res, params } = asked;
  const name = params.file;
  if (!isVideo(name)) throw nothingAt(req.path);
  const { clip, folder, isOpen } = eventOf(asked, events);
  const isListed = !isOpen || lists(clip?.playlist() ?? '', name);
  if (!isListed) throw new HttpError(404, `There is no ${name} yet`);
  const trackId = Number(req.query['track'] ?? Number.NaN);
  if (!Number.isInteger(trackId)) {
    await sendFileOf(res, { root: folder, name }, { contentType: 'video/mp4', cacheControl: IMMUTABLE });
    return;
  }
  const playlist = isOpen ? (clip?.playlist() ?? '') : await closedPlaylist(folder);
  const film = await orHttpError(trackFile(folder, name, { id: trackId, initName: initOf(playlist, name) }));
  await sendFilm(req, res, { film, folder, cacheControl: IMMUTABLE });
}

/** The init file by which a segment is read. */
function initOf(playlist: string, name: string): string {
  return parsePlaylist(playlist).segments.find((segment) => segment.name === name)?.initName ?? initName(0);
}

/** A line that is the segment, or the map that names the init. */
function lists(playlist: string, name: string): boolean {
  return playlist.split('\n').some((line) => line === name || (line.startsWith('#EXT-X-MAP:') && line.includes(`"${name}"`)));
}
