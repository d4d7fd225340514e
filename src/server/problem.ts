/**
 * Every error leaves as an RFC 9457 problem document: no stack, no path of this machine. What is the client's is said; what is
 * ours is logged and answered with 500.
 */
import { STATUS_CODES } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { UnfitFile } from '../lib/plain-file.ts';

/** Thrown by a route: becomes the answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** Headers of the answer that was meant to be, which must not stay on the error. */
const OF_THE_FILE = ['Accept-Ranges', 'Cache-Control', 'Content-Length', 'Content-Type', 'ETag', 'Last-Modified'];

function sendProblem(res: Response, { status, message, headers }: HttpError): void {
  for (const name of OF_THE_FILE) res.removeHeader(name);
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(message === '' ? {} : { detail: message }),
  };
  res.status(status).set({ 'Cache-Control': 'no-store', ...headers });
  res.type('application/problem+json').send(Buffer.from(JSON.stringify(body)));
}

export function nothingAt(path: string): HttpError {
  return new HttpError(404, `There is nothing at ${path}`);
}

/** The last handler of the application. */
export function problemHandler(log: Logger) {
  // oxlint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    const problem = toHttpError(error);
    if (problem.status >= 500 && !(error instanceof HttpError)) log.error({ err: error, path: req.path }, 'a request failed');
    // Half an answer is out: closing the connection is the only way left to say that it is not whole.
    if (res.headersSent) next(error);
    else sendProblem(res, problem);
  };
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  // What lies in a folder of events and is none of ours: that event is bad, and it is said what is wrong with it.
  if (error instanceof UnfitFile) return new HttpError(409, error.sentence);
  if (error instanceof UserError) return new HttpError(400, `${error.message}; ${error.hint}`);
  const { status, headers } = (error ?? {}) as { status?: unknown; headers?: Record<string, string> };
  // Errors of Express and of `send` (416, 412, a malformed path) carry a status; their messages may hold paths of this machine.
  if (typeof status === 'number' && status >= 400 && status < 500) return new HttpError(status, '', headers ?? {});
  return new HttpError(500, 'Lookout could not answer this; its log says why');
}
