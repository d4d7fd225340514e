/**
 * The events folder → what every event.json says. Links are not followed, foreign names are passed over, and a folder whose
 * event.json is missing or broken stays where it is and is reported, so that nothing on the disk can stop a start.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import { readIfFit } from '../../lib/plain-file.ts';
import { RECORD_NAME } from '../../media/clip-files.ts';
import { MAX_RECORD_BYTES } from '../../media/file-bounds.ts';
import type { EventRecord } from '../../messages/event.ts';
import { CAMERA, folderOf, ID, type Place } from '../folder/place.ts';
import { formatRecord, isOpen, parseRecord } from '../folder/record.ts';
import type { Entry } from './timeline.ts';

const CONCURRENCY = 32;

export interface Scanned {
  readonly entries: readonly Entry[];
  /** events that a crash left open */
  readonly open: readonly { readonly place: Place; readonly record: EventRecord }[];
  /** folders without a readable event.json */
  readonly unreadable: readonly string[];
}

/** Every event.json that there is. */
export async function scanEvents(eventsDir: string): Promise<Scanned> {
  return await readEvents(eventsDir, await findPlaces(eventsDir));
}

export async function readEvents(eventsDir: string, places: readonly Place[]): Promise<Scanned> {
  const entries: Entry[] = [];
  const open: { place: Place; record: EventRecord }[] = [];
  const unreadable: string[] = [];
  const read = async (place: Place): Promise<void> => {
    const folder = folderOf(eventsDir, place);
    const text = await readIfFit(join(folder, RECORD_NAME), MAX_RECORD_BYTES);
    const record = text === undefined ? undefined : parseRecord(text);
    if (text === undefined || record?.id !== place.id || record.camera !== place.camera) {
      unreadable.push(folder);
    } else {
      entries.push({ place, startMs: Date.parse(record.startedAt), text });
      if (isOpen(record)) open.push({ place, record });
    }
  };
  await forEachOf(places, read);
  return { entries, open, unreadable };
}

/** The entry of a record in memory. */
export function entryOf(place: Place, record: EventRecord): Entry {
  return { place, startMs: Date.parse(record.startedAt), text: formatRecord(record) };
}

/** Where events lie, by the names of the folders alone. */
export async function findPlaces(eventsDir: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const year of await foldersIn(eventsDir, /^\d{4}$/)) {
    for (const month of await foldersIn(join(eventsDir, year), /^\d{2}$/)) {
      for (const date of await foldersIn(join(eventsDir, year, month), /^\d{2}$/)) {
        places.push(...(await placesOfDay(eventsDir, `${year}/${month}/${date}`)));
      }
    }
  }
  return places;
}

async function placesOfDay(eventsDir: string, day: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const camera of await foldersIn(join(eventsDir, day), CAMERA)) {
    for (const id of await foldersIn(join(eventsDir, day, camera), ID)) places.push({ id, camera, day });
  }
  return places;
}

async function foldersIn(path: string, name: RegExp): Promise<string[]> {
  let children: Dirent[];
  try {
    children = await readdir(path, { withFileTypes: true });
  } catch (error) {
    // One folder that cannot be read costs its own events, not the start.
    if (codeOf(error) === undefined) throw error;
    return [];
  }
  return children.filter((child) => child.isDirectory() && name.test(child.name)).map((child) => child.name);
}

export async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  // One iterator for all workers: each takes the next item.
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
