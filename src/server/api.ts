/** `/api/v1/…`: events, cameras and health as JSON; protecting and deleting events. What a query may hold is said once, in its schema; all problems at once. */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import type { EventPage, EventQuery, EventRecord, EventView } from '../messages/event.ts';
import type { Catalogue, Sources } from './catalogue.ts';
import { viewOf } from './event-view.ts';
import { HttpError } from './problem.ts';
import { checked } from './query.ts';
import { whyRoute } from './why.ts';

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

export interface ApiOptions {
  readonly clock: Clock;
  /** what addresses of events begin with */
  readonly baseUrl: () => string;
}

export function apiRoutes(sources: Sources, { clock, baseUrl }: ApiOptions): Router {
  const { catalogue, cameras, health } = sources;
  const view: View = (record) => viewOf(record, baseUrl());
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/events', (req, res) => {
    const { events, ...page } = catalogue.list(parseQuery(req.query));
    send(res, { events: events.map(view), ...page } satisfies EventPage<EventView>);
  });
  router.get('/events/:id', (req, res) => {
    const event = catalogue.find(req.params.id);
    if (!event) throw new HttpError(404, 'There is no such event');
    send(res, view(event));
  });
  changeRoutes(router, catalogue, view);
  router.get('/cameras', (_req, res) => send(res, { cameras: cameras() }));
  router.get(
    '/cameras/:camera/why',
    whyRoute(sources, () => clock.atMs()),
  );
  router.get('/health', (_req, res) => {
    const state = health();
    send(res.status(state.ok ? 200 : 503), state);
  });
  return router;
}

type View = (record: EventRecord) => EventView;

/** Both ways of protection may be asked for again and again; an event that is gone stays gone. */
function changeRoutes(router: Router, catalogue: Catalogue, view: View): void {
  const protect = (isProtected: boolean) => async (req: Request<{ id: string }>, res: Response) => {
    const event = await catalogue.protect(req.params.id, isProtected);
    if (!event) throw new HttpError(404, 'There is no such event');
    send(res, view(event));
  };
  router.put('/events/:id/protected', protect(true));
  router.delete('/events/:id/protected', protect(false));
  router.delete('/events/:id', (req, res) => remove(req.params.id, res, catalogue));
}

async function remove(id: string, res: Response, catalogue: Catalogue): Promise<void> {
  const outcome = await catalogue.delete(id, 'asked');
  if (outcome === 'unknown') throw new HttpError(404, 'There is no such event');
  if (outcome === 'open') throw new HttpError(409, 'This event is not over yet');
  res.status(204).end();
}

function send(res: Response, body: unknown): void {
  res.set('Cache-Control', 'no-store').json(body);
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
