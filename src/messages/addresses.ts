/** Event id → where it can be seen. Made by whoever serves or tells, for a run's address is nothing that an event holds. Pure. */
import type { AlertUrls } from './alert.ts';

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
    playlist: `${folder}/index.m3u8`,
    ...(hasSnapshot && { snapshot: `${folder}/snapshot.jpg` }),
    ...(hasClip && { clip: `${folder}/clip.mp4` }),
  };
}
