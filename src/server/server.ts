/**
 * HTTP: the page, the API, clips, and what changes as it changes. The order of the handlers is the order
 * of trust: security headers, our own names, credentials, methods, then routes, then problems.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import express, { type Express } from 'express';
import type { HttpConfig } from '../config/config.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Notice } from '../messages/notice.ts';
import { apiRoutes } from './api.ts';
import { authentication } from './auth.ts';
import type { Sources } from './catalogue.ts';
import { clipRoutes } from './clips.ts';
import { securityHeaders } from './headers.ts';
import { Holds } from './hold.ts';
import { onlyOwnHosts, ownNames } from './hosts.ts';
import { bind, type ListenAddress, resolveListen } from './listen.ts';
import { onlyReading, problemHandler, unknownRoute } from './problem.ts';
import { EventStream } from './sse.ts';
import { WebApp } from './static.ts';

export interface ServerOptions extends Sources {
  readonly http: HttpConfig;
  /** the built web app */
  readonly webDir: string;
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

export class Server implements AsyncDisposable {
  /** as this machine reaches it, without a slash at the end */
  readonly url: string;
  readonly #http: HttpServer;
  readonly #stream: EventStream;
  readonly #holds: Holds;
  #closing: Promise<void> | undefined;

  /** Listens, or throws a UserError that says why it cannot or will not. */
  static async open(options: ServerOptions): Promise<Server> {
    const address = await resolveListen(options.http);
    const stream = new EventStream({ cameras: options.cameras, heartbeatMs: options.heartbeatMs });
    try {
      const holds = new Holds(options.holdMs ?? HOLD_MS);
      let own = '';
      const baseUrl = (): string => options.http.publicUrl ?? own;
      const http = createServer(application(options, { address, stream, holds, baseUrl }));
      http.maxConnections = MAX_CONNECTIONS;
      const url = await bind(http, address, { fallbackPort: options.fallbackPort ?? false });
      own = url;
      // Without a listener a full table of file descriptors would end the process.
      http.on('error', (error) => options.log.error({ err: error }, 'a connection could not be accepted'));
      return new Server({ url, http, stream, holds });
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  private constructor(parts: { url: string; http: HttpServer; stream: EventStream; holds: Holds }) {
    this.url = parts.url;
    this.#http = parts.http;
    this.#stream = parts.stream;
    this.#holds = parts.holds;
  }

  /** Tells every page that is open. */
  notify(notice: Notice): void {
    this.#stream.notify(notice);
  }

  /** Ends streams and held requests at once, gives downloads a moment, and returns when the port is free. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#stream.close();
    this.#holds.close();
    this.#http.closeIdleConnections();
    const timer = setTimeout(() => this.#http.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(timer);
  }
}

interface Parts {
  readonly address: ListenAddress;
  readonly stream: EventStream;
  readonly holds: Holds;
  readonly baseUrl: () => string;
}

function application(options: ServerOptions, parts: Parts): Express {
  const { http, catalogue, webDir, log, clock = systemClock } = options;
  const app = express();
  app.set('query parser', 'simple').set('trust proxy', false);
  app.enable('strict routing').enable('case sensitive routing');
  app.use(securityHeaders());
  const authenticate = authentication(http, { clock, log });
  if (authenticate) app.use(authenticate);
  // With a password a stranger's page gets nothing: browsers keep credentials per name.
  else app.use(onlyOwnHosts(ownNames(parts.address.host, http.publicUrl)));
  app.use(onlyReading);
  app.get('/api/v1/stream', parts.stream.handler);
  app.use('/api/v1', apiRoutes(options, { clock, baseUrl: parts.baseUrl }));
  app.use('/events', clipRoutes(catalogue, { holds: parts.holds, clock }));
  app.use(new WebApp(webDir).handler);
  app.use(unknownRoute);
  app.use(problemHandler(log));
  return app;
}
