/**
 * `/events/:id/…`: the clip while it grows and afterwards, from the same addresses. An id leads to an event, the event to its
 * folder; a name is sent only if it is one of the few that a clip has. Playlists are never cached, segments for ever — so a
 * segment of an open clip is sent only once the playlist lists it, because until then it is not whole.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import type { Clock } from '../lib/clock.ts';
import { codeOf } from '../lib/errors.ts';
import type { OpenClip } from '../messages/clip.ts';
import type { EventRecord } from '../messages/event.ts';
import { parsePlaylist } from '../media/hls-playlist.ts';
import type { Catalogue } from './catalogue.ts';
import { manifestOf, trackFile } from './clip-dash.ts';
import { asHttpError, ClipFilms } from './clip-films.ts';
import { IMMUTABLE, realPathOf, sendFileOf } from './files.ts';
import type { Holds } from './hold.ts';
import { HttpError } from './problem.ts';
import { sendFilm } from './send-film.ts';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const MANIFEST_TYPE = 'application/dash+xml';
const SEGMENT = /^(?:init(?:-\d{1,4})?\.mp4|\d{1,8}\.m4s)$/;
const ID = /^[0-9A-Z]{26}$/;

interface FoundEvent {
  /** undefined between the folder and the first alert */
  readonly event: EventRecord | undefined;
  /** while the clip grows */
  readonly clip: OpenClip | undefined;
  readonly folder: string;
  readonly isOpen: boolean;
}

export function clipRoutes(catalogue: Catalogue, { holds, clock }: { holds: Holds; clock: Clock }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const find = (req: Request): FoundEvent => findEvent(catalogue, String(req.params['id']));
  const films = new ClipFilms();
  router.get('/:id/index.m3u8', (req, res) => sendPlaylist(req.params.id, res, { catalogue, holds }));
  router.get('/:id/clip.mp4', (req, res) => sendClip(req, res, { catalogue, holds, films }));
  router.get('/:id/manifest.mpd', (req, res) => sendManifest(req.params.id, res, { catalogue, holds, clock }));
  router.get('/:id/snapshot.jpg', (req, res) => {
    const wantsBoxes = !['0', 'false', undefined].includes(req.query['boxes'] as string | undefined);
    return sendPicture(find(req), res, { name: wantsBoxes ? 'snapshot-boxes.jpg' : 'snapshot.jpg', type: 'image/jpeg' });
  });
  router.get('/:id/thumb.webp', (req, res) => sendPicture(find(req), res, { name: 'thumb.webp', type: 'image/webp' }));
  router.get('/:id/detections.json', (req, res) => sendDetections(find(req), res));
  router.get('/:id/:file', (req, res, next) => {
    const name = req.params.file;
    return SEGMENT.test(name) ? sendSegment(find(req), req, res) : next();
  });
  return router;
}

function findEvent(catalogue: Catalogue, id: string): FoundEvent {
  const folder = ID.test(id) ? catalogue.folder(id) : undefined;
  if (folder === undefined) throw new HttpError(404, 'There is no such event');
  const event = catalogue.find(id);
  return { event, clip: catalogue.clip(id), folder, isOpen: event?.state !== 'ready' && event?.state !== 'failed' };
}

interface PlaylistSources {
  readonly catalogue: Catalogue;
  readonly holds: Holds;
}

interface ListedClip extends FoundEvent {
  readonly playlist: string;
}

/** What is listed by now. Of an open event: held until the clip is there and can be played; undefined when the viewer left. */
async function listedClip(id: string, res: Response, { catalogue, holds }: PlaylistSources): Promise<ListedClip | undefined> {
  if (findEvent(catalogue, id).isOpen) {
    const answer = await holds.hold(res, async (signal) => {
      const clip = await catalogue.whenClip(id, signal);
      return { clip, isPlayable: await clip?.whenPlayable(signal) };
    });
    if (answer === undefined) return undefined;
    const playlist = answer.isPlayable === true ? answer.clip?.playlist() : undefined;
    if (playlist !== undefined) return { ...findEvent(catalogue, id), playlist };
  }
  const found = findEvent(catalogue, id);
  if (found.isOpen || !hasVideo(found)) throw noClip();
  return { ...found, playlist: await closedPlaylist(found.folder) };
}

/** What a clip that failed (a full disk, say) holds up to then can be watched, too. */
function hasVideo({ event }: FoundEvent): boolean {
  return event?.state !== 'failed' || event.files.some(({ name }) => name === 'index.m3u8');
}

async function sendPlaylist(id: string, res: Response, sources: PlaylistSources): Promise<void> {
  const listed = await listedClip(id, res, sources);
  if (listed) sendText(res, listed.playlist);
}

/** The clip as one file; of an open event, as far as it is listed. */
async function sendClip(
  req: Request,
  res: Response,
  { films, ...sources }: PlaylistSources & { readonly films: ClipFilms },
): Promise<void> {
  const listed = await listedClip(String(req.params['id']), res, sources);
  if (!listed) return;
  const { event, folder, isOpen, playlist } = listed;
  const film = await films.film(folder, playlist);
  const fileName = `${clipFileName(event)}.mp4`;
  await sendFilm(req, res, { film, folder, fileName, cacheControl: isOpen ? 'no-store' : IMMUTABLE });
}

/** Changes while the clip grows, and with the clock. */
async function sendManifest(
  id: string,
  res: Response,
  { clock, ...sources }: PlaylistSources & { readonly clock: Clock },
): Promise<void> {
  const listed = await listedClip(id, res, sources);
  if (!listed) return;
  sendText(res, await orHttpError(manifestOf(listed.folder, listed.playlist, clock.atMs())), MANIFEST_TYPE);
}

function sendText(res: Response, text: string, type = PLAYLIST_TYPE): void {
  res.set('Cache-Control', 'no-store').setHeader('Content-Type', type);
  // As bytes: `send` would add a charset to the type of a string.
  res.send(Buffer.from(text));
}

async function closedPlaylist(folder: string): Promise<string> {
  try {
    return await readFile(await realPathOf(folder, 'index.m3u8'), 'utf8');
  } catch (error) {
    if (error instanceof HttpError) throw noClip();
    throw error;
  }
}

/** `front-2026-11-20-140200`: when the person was first seen, in the recorder's time, which is that of the people around it. */
function clipFileName(event: EventRecord | undefined): string {
  if (!event) return 'clip';
  const at = new Date(event.startedAt);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${event.camera}-${day}-${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** 410 makes players stop; a 404 makes some of them try for ever. */
function noClip(): HttpError {
  return new HttpError(410, 'This event has no clip');
}

async function sendSegment({ clip, folder, isOpen }: FoundEvent, req: Request, res: Response): Promise<void> {
  const name = String(req.params['file']);
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
  return parsePlaylist(playlist).segments.find((segment) => segment.name === name)?.initName ?? 'init.mp4';
}

async function orHttpError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asHttpError(error);
  }
}

/** A line that is the segment, or the map that names the init. */
function lists(playlist: string, name: string): boolean {
  return playlist.split('\n').some((line) => line === name || (line.startsWith('#EXT-X-MAP:') && line.includes(`"${name}"`)));
}

async function sendPicture(
  { folder, isOpen }: FoundEvent,
  res: Response,
  { name, type }: { name: string; type: string },
): Promise<void> {
  await sendFileOf(res, { root: folder, name }, { contentType: type, cacheControl: isOpen ? 'no-cache' : IMMUTABLE });
}

async function sendDetections({ clip, folder, isOpen }: FoundEvent, res: Response): Promise<void> {
  res.set('Cache-Control', isOpen ? 'no-store' : 'private, no-cache');
  if (isOpen) {
    res.json(clip?.tracks() ?? []);
    return;
  }
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  const path = await detectionsPath(folder);
  await pipeline(Readable.from(path === undefined ? ['[]'] : asArray(path)), res).catch((error: unknown) => {
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** Undefined where no line was ever written, for example by a recorder that was killed. */
async function detectionsPath(folder: string): Promise<string | undefined> {
  try {
    return await realPathOf(folder, 'detections.jsonl');
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/** The lines as one array; a line that a crash tore is left out. */
async function* asArray(path: string): AsyncGenerator<string> {
  let separator = '[';
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!isJson(line)) continue;
    yield separator + line;
    separator = ',\n';
  }
  yield separator === '[' ? '[]' : ']';
}

function isJson(line: string): boolean {
  try {
    return JSON.parse(line) !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
