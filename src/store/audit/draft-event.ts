/** What is known of an event of which only the folder is left, by its id, its playlist and where it lies. */
import { join } from 'node:path';
import { decodeTime, isValid } from 'ulid';
import { readIfFit } from '../../lib/plain-file.ts';
import { PLAYLIST_NAME } from '../../media/clip-files.ts';
import { MAX_PLAYLIST_BYTES } from '../../media/file-bounds.ts';
import { parsePlaylist } from '../../media/hls-playlist.ts';
import type { EventRecord } from '../../messages/event.ts';
import type { Place } from '../folder/place.ts';

/** The playlist dates the first frame; an id that was minted by us begins with its time. */
async function startOf(folder: string, { id, day }: Place): Promise<number> {
  const playlist = parsePlaylist((await readIfFit(join(folder, PLAYLIST_NAME), MAX_PLAYLIST_BYTES)) ?? '');
  const firstAtMs = playlist.segments[0]?.atMs;
  if (firstAtMs !== undefined) return firstAtMs;
  const dayMs = Date.parse(day.replaceAll('/', '-'));
  const mintedMs = isValid(id) ? decodeTime(id) : dayMs;
  return mintedMs >= dayMs && mintedMs < dayMs + 86_400_000 ? mintedMs : dayMs;
}

/** An open event, which the next start closes. */
export async function draftOf(folder: string, place: Place): Promise<EventRecord> {
  const { id, camera } = place;
  const startedAt = new Date(await startOf(folder, place)).toISOString();
  return {
    schema: 2,
    revision: 0,
    id,
    camera,
    state: 'ended',
    updatedAt: startedAt,
    label: 'person',
    startedAt,
    score: 0,
    count: 0,
    people: 0,
    box: { x: 0, y: 0, w: 0, h: 0 },
    zones: [],
    reason: 'restart',
    latencyMs: { frameToDetect: 0, detectToConfirm: 0 },
    feed: 'frames',
    files: [],
    preRollMs: 0,
    droppedFrames: 0,
    configHash: '',
  };
}
