/**
 * event.json ↔ EventRecord. A file on disk is untrusted: it counts only when every field that the list, the page and the
 * API rely on has the right type. Fields that a later version adds pass through.
 */
import { z } from 'zod';
import type { EventRecord } from '../../messages/event.ts';

const file = z.looseObject({
  name: z.string(),
  bytes: z.number().min(0),
  sha256: z.string(),
  startMs: z.number(),
  durationMs: z.number(),
});

const record = z.looseObject({
  schema: z.literal(1),
  type: z.enum(['start', 'live', 'update', 'end', 'ready', 'failed']),
  id: z.string(),
  camera: z.string(),
  label: z.string(),
  at: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  score: z.number(),
  count: z.number(),
  people: z.number(),
  box: z.looseObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  zones: z.array(z.string()),
  urls: z.looseObject({ page: z.string(), playlist: z.string() }),
  latencyMs: z.looseObject({}),
  feed: z.enum(['frames', 'packets']),
  files: z.array(file),
  droppedFrames: z.number(),
  configHash: z.string(),
  chain: z.looseObject({ seq: z.int().min(1), previous: z.string(), hash: z.string() }).optional(),
});

/** The record in the text of an event.json, or undefined where it is not one. */
export function parseRecord(text: string): EventRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  // The schema is looser than the type only in fields that are shown and never computed with.
  return record.safeParse(value).success ? (value as EventRecord) : undefined;
}

/** The text of event.json: one line, because the same text is what the list keeps in memory. */
export function formatRecord(value: EventRecord): string {
  return `${JSON.stringify(value)}\n`;
}

/** The clip still grows, or a crash left it open. */
export function isOpen({ type }: Pick<EventRecord, 'type'>): boolean {
  return type !== 'ready' && type !== 'failed';
}
