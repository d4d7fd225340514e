/** Events as JSON: a page of them, one, keeping and deleting it. What a query may hold is said once, in its schema. */
import { z } from 'zod';
import { unanswered } from '../../lib/never.ts';
import type { EventPage, EventQuery, EventView } from '../../messages/event.ts';
import { viewOf } from '../event-view.ts';
import { eventOf, type KnownEvents, noEvent } from '../known-events.ts';
import type { Asked } from '../route.ts';
import { HttpError } from '../problem.ts';
import { checked, sendJson } from './json.ts';

const DEFAULT_EVENTS = 50;
const MAX_EVENTS = 200;

const timeMs = z
  .string()
  // An unescaped + in an address means a space.
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text.replace(' ', '+'))))
  .refine((ms) => Number.isSafeInteger(ms), 'Expected a time as 2026-11-20T14:02:00Z or in milliseconds since 1970');

const query = z.strictObject({
  camera: z
    .string()
    .regex(/^[a-z0-9_-]+$/, 'Expected the name of a camera')
    .optional(),
  from: timeMs.optional(),
  to: timeMs.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_EVENTS).default(DEFAULT_EVENTS),
  cursor: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'Expected `next` of the page before')
    .optional(),
});

/** Events and how they are shown. */
export interface ShownEvents {
  readonly events: KnownEvents;
  /** what their addresses begin with */
  readonly baseUrl: string;
}

/** A page may be shorter than asked where the caller may not see every camera. */
export function listEvents({ req, res, caller }: Asked, { events, baseUrl }: ShownEvents): void {
  const { events: found, ...page } = events.list(parseQuery(req.query));
  const seen = found.filter(({ camera }) => caller.maySee(camera));
  sendJson(res, { events: seen.map((record) => viewOf(record, baseUrl)), ...page } satisfies EventPage<EventView>);
}

export function oneEvent(asked: Asked<'id'>, { events, baseUrl }: ShownEvents): void {
  const { record } = eventOf(asked, events);
  if (!record) throw noEvent();
  sendJson(asked.res, viewOf(record, baseUrl));
}

/** Both ways may be asked for again and again. */
export async function protectEvent(asked: Asked<'id'>, { events, baseUrl }: ShownEvents, isProtected: boolean): Promise<void> {
  eventOf(asked, events);
  const record = await events.protect(asked.params.id, isProtected);
  if (!record) throw noEvent();
  sendJson(asked.res, viewOf(record, baseUrl));
}

/** An event that is gone stays gone. */
export async function deleteEvent(asked: Asked<'id'>, events: KnownEvents): Promise<void> {
  eventOf(asked, events);
  const outcome = await events.delete(asked.params.id, 'asked');
  switch (outcome) {
    case 'unknown':
      throw noEvent();
    case 'open':
      throw new HttpError(409, 'This event is not over yet');
    case 'protected':
      throw new HttpError(409, 'This event is protected');
    case 'deleted':
      asked.res.status(204).end();
      return;
    default:
      unanswered(outcome);
  }
}

function parseQuery(given: unknown): EventQuery {
  const { camera, from, to, limit, cursor } = checked(query, given);
  return {
    limit,
    ...(camera === undefined ? {} : { camera }),
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}
