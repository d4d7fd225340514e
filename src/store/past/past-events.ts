/**
 * The events folder → closed events and what their detections.jsonl says, for whoever judges settings afterwards. Reads only:
 * neither the lock of the store nor a running Lookout is in the way. A line that is cut off or foreign is passed over.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import { DETECTIONS_NAME } from '../../media/clip-files.ts';
import type { TrackLine } from '../../messages/clip.ts';
import type { EventRecord } from '../../messages/event.ts';
import { folderOf } from '../folder/place.ts';
import { isOpen, parseRecord } from '../folder/record.ts';
import { scanEvents } from '../index/scan.ts';

export interface PastEvent {
  readonly record: EventRecord;
  /** empty where the event has none */
  readonly lines: readonly TrackLine[];
}

/** Oldest first; events that are still open are left out. */
export async function readPastEvents(dataDir: string): Promise<PastEvent[]> {
  const eventsDir = join(resolve(dataDir), 'events');
  const { entries } = await scanEvents(eventsDir);
  const events: PastEvent[] = [];
  for (const { place, text } of entries.toSorted((a, b) => a.startMs - b.startMs)) {
    const record = parseRecord(text);
    if (!record || isOpen(record)) continue;
    events.push({ record, lines: await readTrackLines(join(folderOf(eventsDir, place), DETECTIONS_NAME)) });
  }
  return events;
}

async function readTrackLines(path: string): Promise<TrackLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const value = parseJson(line);
    return isTrackLine(value) ? [value] : [];
  });
}

/** The JSON value of a line, or undefined where it is none. */
export function parseJson(line: string): unknown {
  if (line === '') return undefined;
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTrackLine(value: unknown): value is TrackLine {
  if (typeof value !== 'object' || value === null) return false;
  const { ptsMs, tracks, rejected } = value as Partial<Record<keyof TrackLine, unknown>>;
  if (typeof ptsMs !== 'number' || !Array.isArray(tracks) || !Array.isArray(rejected)) return false;
  return [...(tracks as unknown[]), ...(rejected as unknown[])].every(hasScoreAndBox);
}

/** What a candidate must have to be looked at again. */
export function hasScoreAndBox(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { score, box } = value as { score?: unknown; box?: unknown };
  if (typeof score !== 'number' || typeof box !== 'object' || box === null) return false;
  const { x, y, w, h } = box as Record<string, unknown>;
  return [x, y, w, h].every((part) => typeof part === 'number');
}
