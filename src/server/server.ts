/**
 * HTTP: opens the port and closes it. What is answered stands in routes.ts, who is let in is said by guard.ts, and the way of a
 * request through both is application.ts.
 */
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import type { HttpConfig } from '../config/config.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Notice } from '../messages/notice.ts';
import { EventStream } from './api/sse.ts';
import { application } from './application.ts';
import { authentication } from './auth.ts';
import { Holds } from './clip/hold.ts';
import { bind, resolveListen } from './listen.ts';
import type { Route } from './route.ts';
import { RouteTable } from './route-table.ts';
import { routesOf } from './routes.ts';
import type { Sources } from './sources.ts';
import { Upgrades } from './upgrades.ts';

export interface ServerOptions extends Sources {
  readonly http: HttpConfig;
  /** the built web app */
  readonly webDir: string;
  /** what the rest of the house answers itself */
  readonly routes?: readonly Route[];
  readonly log: Logger;
  /** a taken port gives the next free one (the demo) */
  readonly fallbackPort?: boolean;
  /** how long a playlist is waited for */
  readonly holdMs?: number;
  readonly heartbeatMs?: number;
  readonly clock?: Clock;
}

const HOLD_MS = 8000;
/** Downloads under way get this long when the server closes. */
const GRACE_MS = 200;
/** Leaves file descriptors for cameras and clips. */
const MAX_CONNECTIONS = 400;

/** What a server has open beside its port. */
interface Parts {
  readonly stream: EventStream;
  readonly holds: Holds;
  readonly upgrades: Upgrades;
}

export class Server implements AsyncDisposable {
  /** as this machine reaches it, without a slash at the end */
  readonly url: string;
  readonly #http: HttpServer;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  /** Listens, or throws a UserError that says why it cannot or will not. */
  static async open(options: ServerOptions): Promise<Server> {
    const address = await resolveListen(options.http);
    const stream = new EventStream({ cameras: options.cameras, heartbeatMs: options.heartbeatMs });
    try {
      const parts = { stream, holds: new Holds(options.holdMs ?? HOLD_MS), upgrades: new Upgrades() };
      const http = createServer();
      http.maxConnections = MAX_CONNECTIONS;
      const url = await bind(http, address, { fallbackPort: options.fallbackPort ?? false });
      // Nothing is accepted before the next turn of the event loop: no request comes without an answer.
      const app = answering(options, parts, { host: address.host, url });
      http.on('request', app);
      parts.upgrades.watch(http, app);
      // Without a listener a full table of file descriptors would end the process.
      http.on('error', (error) => options.log.error({ err: error }, 'a connection could not be accepted'));
      return new Server(url, http, parts);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  private constructor(url: string, http: HttpServer, parts: Parts) {
    this.url = url;
    this.#http = http;
    this.#parts = parts;
  }

  /** Tells every page that is open and may know of it. */
  notify(notice: Notice): void {
    this.#parts.stream.notify(notice);
  }

  /** Ends streams and held requests at once, gives downloads and sockets a moment, and returns when the port is free. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const { stream, holds, upgrades } = this.#parts;
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    stream.close();
    holds.close();
    upgrades.close();
    this.#http.closeIdleConnections();
    const timer = setTimeout(() => {
      this.#http.closeAllConnections();
      upgrades.end();
    }, GRACE_MS);
    await closed;
    clearTimeout(timer);
  }
}

function answering(
  options: ServerOptions,
  { stream, holds, upgrades }: Parts,
  { host, url }: { readonly host: string; readonly url: string },
): RequestListener {
  const { http, webDir, routes: more = [], log, clock = systemClock } = options;
  const baseUrl = http.publicUrl ?? url;
  const table = new RouteTable(routesOf(options, { stream, holds, webDir, baseUrl, clock, more }));
  const callerOf = authentication(http, { listenHost: host, clock, log });
  return application({ table, callerOf, publicUrl: http.publicUrl, upgrades, log });
}
