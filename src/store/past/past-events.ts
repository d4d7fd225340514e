/**
 * The events folder → closed events and what their detections.jsonl says, for whoever judges settings afterwards. Reads only:
 * neither the lock of the store nor a running Lookout is in the way. A line that is cut off, endless or
 * foreign is passed over, and so is a whole file that is not ours.
 */
import { join, resolve } from 'node:path';
import { parseJson } from '../../lib/bounded-json.ts';
import { codeOf } from '../../lib/errors.ts';
import { plainLines } from '../../lib/plain-file.ts';
import { DETECTIONS_NAME } from '../../media/clip-files.ts';
import { MAX_LINE_BYTES } from '../../media/file-bounds.ts';
import type { TrackLine } from '../../messages/clip.ts';
import type { EventRecord } from '../../messages/event.ts';
import { folderOf } from '../folder/place.ts';
import { isOpen, parseRecord } from '../folder/record.ts';
import { scanEvents } from '../index/scan.ts';

/** Of one event: its lines are held, as objects, which take several times as much. */
const MAX_HELD_BYTES = 67_108_864;

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
  const lines: TrackLine[] = [];
  try {
    for await (const { text = '' } of plainLines(path, { maxBytes: MAX_HELD_BYTES, maxLineBytes: MAX_LINE_BYTES })) {
      const value = parseJson(text);
      if (isTrackLine(value)) lines.push(value);
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
  return lines;
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
