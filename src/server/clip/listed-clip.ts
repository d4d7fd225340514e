/**
 * What the playlist of an event lists by now. Of an open event it is held until the clip is there and can be played. One look-up
 * per request; a second one only after a wait, because the event may have closed meanwhile.
 */
import { PLAYLIST_NAME } from '../../media/clip-files.ts';
import { MAX_PLAYLIST_BYTES } from '../../media/file-bounds.ts';
import type { FoundEvent } from '../../messages/event.ts';
import { bytesOf } from '../files.ts';
import { eventOf, type KnownEvents } from '../known-events.ts';
import { HttpError } from '../problem.ts';
import type { Asked } from '../route.ts';
import type { Holds } from './hold.ts';

export interface ListedClip extends FoundEvent {
  readonly playlist: string;
}

export interface ClipSources {
  readonly events: KnownEvents;
  readonly holds: Holds;
}

/** Undefined when the viewer left; throws a 503 while there is nothing to play yet, and a 410 where there never will be. */
export async function listedClip(asked: Asked<'id'>, { events, holds }: ClipSources): Promise<ListedClip | undefined> {
  const event = eventOf(asked, events);
  if (!event.isOpen) return await closedClip(event);
  const answer = await holds.hold(asked.res, async (signal) => {
    const clip = await events.whenClip(asked.params.id, signal);
    return { clip, isPlayable: await clip?.whenPlayable(signal) };
  });
  if (answer === undefined) return undefined;
  const now = eventOf(asked, events);
  const playlist = answer.isPlayable === true ? answer.clip?.playlist() : undefined;
  return playlist === undefined ? await closedClip(now) : { ...now, playlist };
}

async function closedClip(event: FoundEvent): Promise<ListedClip> {
  if (event.isOpen || !hasVideo(event)) throw noClip();
  return { ...event, playlist: await closedPlaylist(event.folder) };
}

/** What a clip that failed (a full disk, say) holds up to then can be watched, too. */
function hasVideo({ record }: FoundEvent): boolean {
  return record?.state !== 'failed' || record.files.some(({ name }) => name === PLAYLIST_NAME);
}

/** Throws a 410 where it is gone. */
export async function closedPlaylist(folder: string): Promise<string> {
  try {
    return (await bytesOf({ root: folder, name: PLAYLIST_NAME }, MAX_PLAYLIST_BYTES)).toString('utf8');
  } catch (error) {
    if (error instanceof HttpError) throw noClip();
    throw error;
  }
}

/** 410 makes players stop; a 404 makes some of them try for ever. */
function noClip(): HttpError {
  return new HttpError(410, 'This event has no clip');
}
