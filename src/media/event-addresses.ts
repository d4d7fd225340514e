/** Event id → where it can be seen. Made by whoever serves or tells, for a run's address is nothing that an event holds. Pure. */
import type { AlertUrls } from '../messages/alert.ts';
import { PLAYLIST_NAME, SNAPSHOT_NAME } from './clip-files.ts';

export interface AddressOptions {
  /** what addresses begin with; without one they are paths (`/events/…`) */
  readonly baseUrl?: string | undefined;
  readonly hasSnapshot?: boolean | undefined;
  readonly hasClip?: boolean | undefined;
}

export function addressesOf(id: string, { baseUrl = '', hasSnapshot = false, hasClip = false }: AddressOptions): AlertUrls {
  const base = baseUrl.replace(/\/+$/, '');
  const folder = `${base}/events/${id}`;
  return {
    page: `${base}/#/events/${id}`,
    playlist: `${folder}/${PLAYLIST_NAME}`,
    ...(hasSnapshot && { snapshot: `${folder}/${SNAPSHOT_NAME}` }),
    ...(hasClip && { clip: `${folder}/clip.mp4` }),
  };
}
