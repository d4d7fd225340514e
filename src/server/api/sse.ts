/**
 * `GET /api/v1/stream`: what changes, as server-sent events. Each client first gets a `hello` with the cameras that it may see,
 * so that one which comes back is right at once, and of what happens it is told what it may know. A client that does not read is
 * dropped (its browser comes back by itself); it never makes the others, or this process's memory, pay.
 */
import type { Response } from 'express';
import { unanswered } from '../../lib/never.ts';
import type { CameraView } from '../../messages/camera.ts';
import type { Notice } from '../../messages/notice.ts';
import type { Caller } from '../caller.ts';
import { HttpError } from '../problem.ts';
import type { Asked } from '../route.ts';

const MAX_CLIENTS = 100;
const MAX_WAITING_BYTES = 1_048_576;
const RETRY_MS = 2000;
const HEARTBEAT_MS = 15_000;

export interface StreamOptions {
  readonly cameras: () => readonly CameraView[];
  readonly heartbeatMs?: number | undefined;
}

export class EventStream {
  readonly #cameras: () => readonly CameraView[];
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor({ cameras, heartbeatMs = HEARTBEAT_MS }: StreamOptions) {
    this.#cameras = cameras;
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  /** Throws a 503 where too many follow. */
  follow({ req, res, caller }: Asked): void {
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new HttpError(503, `${MAX_CLIENTS} clients are following already`, { 'Retry-After': '10' });
    }
    // A proxy that buffers would hold events back.
    res.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }).setHeader('Content-Type', 'text/event-stream');
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const client = new Client(res, caller);
    res.once('close', () => this.#clients.delete(client));
    this.#clients.add(client);
    client.hello(this.#cameras());
  }

  notify(notice: Notice): void {
    const { type, ...data } = notice;
    const text = this.#clients.size > 0 ? format(type, data) : '';
    for (const client of this.#clients) client.tell(notice, text);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  #beat(): void {
    for (const client of this.#clients) client.beat();
  }
}

/** One who follows, and what may be told to them. */
class Client {
  readonly #res: Response;
  readonly #caller: Caller;

  constructor(res: Response, caller: Caller) {
    this.#res = res;
    this.#caller = caller;
  }

  hello(cameras: readonly CameraView[]): void {
    const seen = cameras.filter(({ name }) => this.#caller.maySee(name));
    this.#write(`retry: ${RETRY_MS}\n${format('hello', { cameras: seen })}`);
  }

  /** `text` is the notice as it is sent, made once for everybody who may know of it. */
  tell(notice: Notice, text: string): void {
    if (mayKnow(this.#caller, notice)) this.#write(text);
  }

  /** Keeps proxies from closing a quiet connection. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#res.end();
  }

  #write(text: string): void {
    // Dropped a moment ago: its `close` is still to come, and a write would be an error that nobody hears.
    if (this.#res.destroyed) return;
    this.#res.write(text);
    if (this.#res.writableLength > MAX_WAITING_BYTES) this.#res.destroy();
  }
}

function mayKnow(caller: Caller, notice: Notice): boolean {
  switch (notice.type) {
    case 'event':
      return caller.maySee(notice.event.camera);
    case 'camera':
      return caller.maySee(notice.camera.name);
    case 'gone':
      return caller.maySee(notice.camera);
    case 'deleted':
      // An id says nothing of what was seen, and its camera is no longer known.
      return true;
    default:
      return unanswered(notice);
  }
}

function format(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
