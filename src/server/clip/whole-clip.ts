/** clip.mp4: the clip as one file; of an open event, as far as it is listed. */
import type { EventRecord } from '../../messages/event.ts';
import { IMMUTABLE } from '../files.ts';
import type { Asked } from '../route.ts';
import type { ClipFilms } from './clip-films.ts';
import { type ClipSources, listedClip } from './listed-clip.ts';
import { sendFilm } from './send-film.ts';

export async function sendWholeClip(asked: Asked<'id'>, { films, ...sources }: ClipSources & { readonly films: ClipFilms }) {
  const listed = await listedClip(asked, sources);
  if (!listed) return;
  const { record, folder, isOpen, playlist } = listed;
  const film = await films.film(folder, playlist);
  const fileName = `${clipFileName(record)}.mp4`;
  await sendFilm(asked.req, asked.res, { film, folder, fileName, cacheControl: isOpen ? 'no-store' : IMMUTABLE });
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
