/**
 * Who may do what: the caller is made first (so that a stranger does not even learn what there is), then the route says which
 * right it needs, and what changes something must not come from a stranger's page. Requests and WebSockets go through here alike.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Caller } from './caller.ts';
import { HttpError, nothingAt } from './problem.ts';
import type { Route } from './route.ts';
import type { Place, RouteTable } from './route-table.ts';

export interface GuardOptions {
  readonly table: RouteTable;
  /** who sends a request; throws the answer where that is nobody we know */
  readonly callerOf: (request: IncomingMessage) => Caller;
  /** how the page is reached through a proxy that does not pass on the name it was asked by */
  readonly publicUrl?: string | undefined;
}

export interface Admitted {
  readonly route: Route;
  readonly params: ReturnType<Place['params']>;
  readonly caller: Caller;
}

/** What a browser says of a request from our own page, and of an address that somebody typed. */
const OWN_SITES = new Set(['same-origin', 'none']);
/** A browser asks before it sends one of these to another site, and no route answers that. */
const ASKED_FIRST = new Set(['PUT', 'DELETE', 'PATCH']);

export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Throws an HttpError for whoever is not let in. `isOffer`: the client offers to speak WebSocket. */
  admit(request: IncomingMessage, { path, isOffer }: { path: string; isOffer: boolean }): Admitted {
    const { table, callerOf } = this.#options;
    const caller = callerOf(request);
    const place = table.at(path);
    if (!place) throw nothingAt(path);
    const route = routeFor(request.method ?? '', place, isOffer);
    if (!caller.may(route.right)) throw new HttpError(403, 'You may not do this');
    if (route.method !== 'GET' && this.#isStrangers(request.headers, { route, caller })) throw new HttpError(403, refusal(route));
    return { route, params: place.params(), caller };
  }

  /**
   * A page of somebody else sent it, also with the password that the browser remembers. Browsers say where a request comes from,
   * programs do not; older ones, and all over plain HTTP, say only the Origin, which counts for what they send unasked: POST and
   * WebSockets. A token is no browser's to remember, so who brings one is no page.
   */
  #isStrangers(headers: IncomingHttpHeaders, { route, caller }: { route: Route; caller: Caller }): boolean {
    const site = headers['sec-fetch-site'];
    if (site !== undefined) return typeof site !== 'string' || !OWN_SITES.has(site);
    if (ASKED_FIRST.has(route.method) || headers.origin === undefined || caller.proof === 'token') return false;
    const host = hostOf(headers.origin);
    return host === undefined || ![headers.host?.toLowerCase(), hostOf(this.#options.publicUrl)].includes(host);
  }
}

/** Throws a 405 that says what the place does take. */
function routeFor(method: string, { answers, socket }: Omit<Place, 'params'>, isOffer: boolean): Route {
  const route = isOffer && method === 'GET' && socket ? socket : answers.get(method === 'HEAD' ? 'GET' : method);
  if (route) return route;
  if (method === 'GET' && socket) {
    throw new HttpError(426, 'This is for WebSockets', { Connection: 'Upgrade', Upgrade: 'websocket' });
  }
  throw new HttpError(405, `${method} is not possible here`, { Allow: allowed({ answers, socket }).join(', ') });
}

function allowed({ answers, socket }: Omit<Place, 'params'>): string[] {
  const methods = [...answers.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return socket && !answers.has('GET') ? ['GET', ...methods] : methods;
}

function refusal(route: Route): string {
  return route.method === 'SOCKET' ? 'Another page may not open this' : 'Another page may not change this';
}

/** `null`, which a browser says for a page without an origin, is nobody's host. */
function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}
