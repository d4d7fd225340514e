/**
 * Everything that Lookout answers, in one list: method, path, the right it needs, and who answers. A new room of the server
 * brings its own part of the list and is added here; neither the guard nor the server has to know of it.
 */
import type { Clock } from '../lib/clock.ts';
import { apiRoutes } from './api/api-routes.ts';
import type { EventStream } from './api/sse.ts';
import { clipRoutes } from './clip/clip-routes.ts';
import type { Holds } from './clip/hold.ts';
import { get, type Route } from './route.ts';
import type { Sources } from './sources.ts';
import { WebApp } from './static.ts';

export interface RouteParts {
  readonly stream: EventStream;
  readonly holds: Holds;
  /** the built web app */
  readonly webDir: string;
  /** what addresses of events begin with */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** what the rest of the house answers itself */
  readonly more?: readonly Route[];
}

export function routesOf(sources: Sources, { stream, holds, webDir, baseUrl, clock, more = [] }: RouteParts): Route[] {
  const app = new WebApp(webDir);
  return [
    ...apiRoutes(sources, { stream, baseUrl, clock }),
    ...clipRoutes({ events: sources.events, holds }, { clock }),
    ...more,
    // Last, because it takes every address that is left.
    get('/*', 'page', async (asked) => await app.answer(asked)),
  ];
}
