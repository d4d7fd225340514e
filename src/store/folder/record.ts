/**
 * event.json ↔ EventRecord. A file on disk is untrusted: it counts only when every field that the list, the page and the
 * API rely on has the right type. Fields that a later version adds pass through. Written is schema 2; 1 is read for ever, and stays on
 * the disk as it is until its event is saved again.
 */
import { z } from 'zod';
import { parseBounded } from '../../lib/bounded-json.ts';
import { unanswered } from '../../lib/never.ts';
import type { EventRecord } from '../../messages/event.ts';
import { type SchemaOne, upgraded } from './schema-one.ts';

const file = z.looseObject({
  name: z.string(),
  bytes: z.number().min(0),
  sha256: z.string(),
  startMs: z.number(),
  durationMs: z.number(),
});

const common = {
  id: z.string(),
  camera: z.string(),
  label: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  score: z.number(),
  count: z.number(),
  people: z.number(),
  box: z.looseObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  zones: z.array(z.string()),
  latencyMs: z.looseObject({}),
  feed: z.enum(['frames', 'packets']),
  files: z.array(file),
  droppedFrames: z.number(),
  configHash: z.string(),
  chain: z.looseObject({ seq: z.int().min(1), previous: z.string(), hash: z.string() }).optional(),
};

const known = z.union([
  z.looseObject({
    schema: z.literal(2),
    revision: z.int().min(0),
    state: z.enum(['open', 'ended', 'ready', 'failed']),
    updatedAt: z.string(),
    ...common,
  }),
  z.looseObject({
    schema: z.literal(1),
    type: z.enum(['start', 'live', 'update', 'end', 'ready', 'failed']),
    at: z.string(),
    urls: z.looseObject({ page: z.string(), playlist: z.string() }),
    ...common,
  }),
]);

/** The record in the text of an event.json, or undefined where it is not one. */
export function parseRecord(text: string): EventRecord | undefined {
  let value: unknown;
  try {
    value = parseBounded(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  // The schema is looser than the type only in fields that are shown and never computed with.
  return known.safeParse(value).success ? recordOf(value as EventRecord | SchemaOne) : undefined;
}

/** The record in a text that was checked before. Throws a SyntaxError where it rotted since. */
export function readRecord(text: string): EventRecord {
  return recordOf(parseBounded(text) as EventRecord | SchemaOne);
}

function recordOf(value: EventRecord | SchemaOne): EventRecord {
  return value.schema === 1 ? upgraded(value) : value;
}

/** The text of event.json: one line, because the same text is what the list keeps in memory. */
export function formatRecord(value: EventRecord): string {
  return `${JSON.stringify(value)}\n`;
}

/** The clip still grows, or a crash left it open. */
export function isOpen({ state }: Pick<EventRecord, 'state'>): boolean {
  switch (state) {
    case 'open':
    case 'ended':
      return true;
    case 'ready':
    case 'failed':
      return false;
    default:
      return unanswered(state);
  }
}
