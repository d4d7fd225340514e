/**
 * `GET /api/v1/stream`: what changes, as server-sent events. Each client first gets a `hello` with every camera, so that one
 * which comes back is right at once. A client that does not read is dropped (its browser comes back by itself); it never makes
 * the others, or this process's memory, pay.
 */
import type { RequestHandler, Response } from 'express';
import type { CameraView } from '../../messages/camera.ts';
import type { Notice } from '../../messages/notice.ts';
import { HttpError } from '../problem.ts';

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
  readonly #clients = new Set<Response>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor({ cameras, heartbeatMs = HEARTBEAT_MS }: StreamOptions) {
    this.#cameras = cameras;
    this.#heartbeat = setInterval(() => this.#send(':\n\n'), heartbeatMs).unref();
  }

  get clients(): number {
    return this.#clients.size;
  }

  readonly handler: RequestHandler = (req, res) => {
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new HttpError(503, `${MAX_CLIENTS} clients are following already`, { 'Retry-After': '10' });
    }
    // A proxy that buffers would hold events back.
    res.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }).setHeader('Content-Type', 'text/event-stream');
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    res.once('close', () => this.#clients.delete(res));
    this.#clients.add(res);
    this.#write(res, `retry: ${RETRY_MS}\n${format('hello', { cameras: this.#cameras() })}`);
  };

  notify({ type, ...data }: Notice): void {
    if (this.#clients.size > 0) this.#send(format(type, data));
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  #send(text: string): void {
    for (const client of this.#clients) this.#write(client, text);
  }

  #write(client: Response, text: string): void {
    client.write(text);
    if (client.writableLength <= MAX_WAITING_BYTES) return;
    this.#clients.delete(client);
    client.destroy();
  }
}

function format(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
