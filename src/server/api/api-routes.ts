/** `/api/v1/…`: events, cameras and health as JSON, and what changes as it changes. */
import type { Clock } from '../../lib/clock.ts';
import { type Asked, del, get, put, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';
import { deleteEvent, listEvents, oneEvent, protectEvent } from './events.ts';
import { sendJson } from './json.ts';
import type { EventStream } from './sse.ts';
import { sendWhy } from './why.ts';

export interface ApiParts {
  readonly stream: EventStream;
  /** what addresses of events begin with */
  readonly baseUrl: string;
  readonly clock: Clock;
}

export function apiRoutes(sources: Sources, { stream, baseUrl, clock }: ApiParts): Route[] {
  const { events } = sources;
  const shown = { events, baseUrl };
  return [
    get('/api/v1/events', 'watch', (asked) => listEvents(asked, shown)),
    get('/api/v1/events/:id', 'watch', (asked) => oneEvent(asked, shown)),
    del('/api/v1/events/:id', 'change', async (asked) => await deleteEvent(asked, events)),
    put('/api/v1/events/:id/protected', 'change', async (asked) => await protectEvent(asked, shown, true)),
    del('/api/v1/events/:id/protected', 'change', async (asked) => await protectEvent(asked, shown, false)),
    get('/api/v1/cameras', 'watch', (asked) => sendCameras(asked, sources)),
    get('/api/v1/cameras/:camera/why', 'watch', (asked) => sendWhy(asked, sources, clock.atMs())),
    get('/api/v1/stream', 'watch', (asked) => stream.follow(asked)),
    get('/api/v1/health', 'health', (asked) => sendHealth(asked, sources)),
  ];
}

function sendCameras({ res, caller }: Asked, { cameras }: Sources): void {
  sendJson(res, { cameras: cameras().filter(({ name }) => caller.maySee(name)) });
}

function sendHealth({ res }: Asked, { health }: Sources): void {
  const state = health();
  sendJson(res.status(state.ok ? 200 : 503), state);
}
