/**
 * The folders against the index, at a start. An event whose folder has a row and whose event.json has the size and time that the row
 * remembers is not read: 10,000 events cost 10,000 stats. What differs is read; rows of folders that are gone are dropped.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import { RECORD_NAME } from '../../media/clip-files.ts';
import type { EventIndex, Row } from './event-index.ts';
import { folderOf, type Place } from '../folder/place.ts';
import { readRecord } from '../folder/record.ts';
import { findPlaces, forEachOf, readEvents, type Scanned } from './scan.ts';
import { type Holding, holdingOf } from './shelf.ts';
import type { Entry } from './timeline.ts';

export interface Reconciled extends Scanned {
  /** closed events, wherever their text is */
  readonly holdings: readonly Holding[];
}

/** Without an index everything is read, and `entries` holds it all; with one, only what is open. Throws an IndexError. */
export async function reconcile(eventsDir: string, index: EventIndex | undefined): Promise<Reconciled> {
  const places = await findPlaces(eventsDir);
  const rows = new Map(index?.rows().map((row) => [row.place.id, row]));
  const known: Row[] = [];
  const changed: Place[] = [];
  await forEachOf(places, async (place) => {
    const row = rows.get(place.id);
    if (row && (await isAsBefore(eventsDir, place, row))) known.push(row);
    else changed.push(place);
  });
  const scanned = await readEvents(eventsDir, changed);
  const openIds = new Set(scanned.open.map(({ place }) => place.id));
  const closed = scanned.entries.filter(({ place }) => !openIds.has(place.id));
  const fresh: { row: Row; text: string }[] = [];
  await forEachOf(closed, async (entry) => {
    fresh.push({ row: await rowOf(eventsDir, entry), text: entry.text });
  });
  for (const { place } of known) rows.delete(place.id);
  for (const { row } of fresh) rows.delete(row.place.id);
  index?.deleteAll([...rows.keys()]);
  index?.putAll(fresh);
  const holdings = [...known, ...fresh.map(({ row }) => row)];
  const entries = index ? scanned.entries.filter(({ place }) => openIds.has(place.id)) : scanned.entries;
  return { ...scanned, entries, holdings };
}

/** The row of a closed event whose event.json is on disk. */
export async function rowOf(eventsDir: string, { place, text }: Entry): Promise<Row> {
  const { size, mtimeMs } = await lstat(join(folderOf(eventsDir, place), RECORD_NAME));
  const record = readRecord(text);
  return { ...holdingOf(place, record, size), hash: record.chain?.hash, jsonBytes: size, jsonMtimeMs: mtimeMs };
}

async function isAsBefore(eventsDir: string, place: Place, row: Row): Promise<boolean> {
  if (row.place.camera !== place.camera || row.place.day !== place.day) return false;
  try {
    const { size, mtimeMs } = await lstat(join(folderOf(eventsDir, place), RECORD_NAME));
    return size === row.jsonBytes && mtimeMs === row.jsonMtimeMs;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}
