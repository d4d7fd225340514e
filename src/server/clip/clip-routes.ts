/**
 * `/events/:id/…`: the clip while it grows and afterwards, from the same addresses. An id leads to an event, the event to its
 * folder; a name is sent only if it is one of the few that a clip has. Playlists are never cached, segments and closed clips for
 * ever.
 */
import type { Response } from 'express';
import type { Clock } from '../../lib/clock.ts';
import { BOXES_NAME, PLAYLIST_NAME, SNAPSHOT_NAME, THUMB_NAME } from '../../media/clip-files.ts';
import type { FoundEvent } from '../../messages/event.ts';
import { IMMUTABLE, sendFileOf } from '../files.ts';
import { eventOf } from '../known-events.ts';
import { type Asked, get, type Route } from '../route.ts';
import { manifestOf } from './clip-dash.ts';
import { ClipFilms, orHttpError } from './clip-films.ts';
import { sendDetections } from './detections.ts';
import { type ClipSources, listedClip } from './listed-clip.ts';
import { sendSegment } from './segments.ts';
import { sendWholeClip } from './whole-clip.ts';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const MANIFEST_TYPE = 'application/dash+xml';

export function clipRoutes(sources: ClipSources, { clock }: { clock: Clock }): Route[] {
  const { events } = sources;
  const films = new ClipFilms();
  return [
    get(`/events/:id/${PLAYLIST_NAME}`, 'watch', async (asked) => await sendPlaylist(asked, sources)),
    get('/events/:id/manifest.mpd', 'watch', async (asked) => await sendManifest(asked, { ...sources, clock })),
    get('/events/:id/clip.mp4', 'watch', async (asked) => await sendWholeClip(asked, { ...sources, films })),
    get(`/events/:id/${SNAPSHOT_NAME}`, 'watch', async (asked) => await sendSnapshot(asked, eventOf(asked, events))),
    get(`/events/:id/${THUMB_NAME}`, 'watch', async (asked) => await sendThumb(asked.res, eventOf(asked, events))),
    get('/events/:id/detections.json', 'watch', async (asked) => await sendDetections(asked.res, eventOf(asked, events))),
    get('/events/:id/:file', 'watch', async (asked) => await sendSegment(asked, events)),
  ];
}

async function sendPlaylist(asked: Asked<'id'>, sources: ClipSources): Promise<void> {
  const listed = await listedClip(asked, sources);
  if (listed) sendText(asked.res, { text: listed.playlist, type: PLAYLIST_TYPE });
}

/** Changes while the clip grows, and with the clock. */
async function sendManifest(asked: Asked<'id'>, { clock, ...sources }: ClipSources & { readonly clock: Clock }): Promise<void> {
  const listed = await listedClip(asked, sources);
  if (!listed) return;
  const text = await orHttpError(manifestOf(listed.folder, listed.playlist, clock.atMs()));
  sendText(asked.res, { text, type: MANIFEST_TYPE });
}

function sendText(res: Response, { text, type }: { text: string; type: string }): void {
  res.set('Cache-Control', 'no-store').setHeader('Content-Type', type);
  // As bytes: `send` would add a charset to the type of a string.
  res.send(Buffer.from(text));
}

async function sendSnapshot({ req, res }: Asked<'id'>, event: FoundEvent): Promise<void> {
  const wantsBoxes = !['0', 'false', undefined].includes(req.query['boxes'] as string | undefined);
  await sendPicture(res, event, { name: wantsBoxes ? BOXES_NAME : SNAPSHOT_NAME, type: 'image/jpeg' });
}

async function sendThumb(res: Response, event: FoundEvent): Promise<void> {
  await sendPicture(res, event, { name: THUMB_NAME, type: 'image/webp' });
}

/** A better one may replace it while the event is open. */
async function sendPicture(
  res: Response,
  { folder, isOpen }: FoundEvent,
  { name, type }: { name: string; type: string },
): Promise<void> {
  await sendFileOf(res, { root: folder, name }, { contentType: type, cacheControl: isOpen ? 'no-cache' : IMMUTABLE });
}
