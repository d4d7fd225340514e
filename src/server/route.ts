/**
 * What a route is: method, path, the right it needs, and what answers. Rights are no option: a route without one does not
 * compile. `:id` in a path is one part of it, `/*` at the end whatever follows.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Request, Response } from 'express';
import type { Caller, Right } from './caller.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a handler is given; `Name` are the parts of its path. */
export interface Asked<Name extends string = never> {
  readonly req: Request;
  readonly res: Response;
  readonly caller: Caller;
  readonly params: Readonly<Record<Name, string>>;
}

/** A client that would speak WebSocket and may. Until the socket is taken, what is thrown is answered as for any request. */
export interface AskedSocket<Name extends string = never> {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  readonly params: Readonly<Record<Name, string>>;
  /** throws a 503 where too many are open */
  readonly take: () => TakenSocket;
}

/** The handshake is still to be made, and whatever becomes of the socket is its taker's affair. */
export interface TakenSocket {
  readonly socket: Socket;
  /** what the client sent behind its request */
  readonly head: Buffer;
  /** aborted when the server closes; a moment later the socket is destroyed */
  readonly signal: AbortSignal;
}

export type Handler<Name extends string = never> = (asked: Asked<Name>) => void | Promise<void>;
export type SocketHandler<Name extends string = never> = (asked: AskedSocket<Name>) => void | Promise<void>;

/** Answers requests; GET answers HEAD as well. */
export interface HttpRoute {
  readonly method: Method;
  readonly path: string;
  readonly right: Right;
  answer(asked: Asked<string>): void | Promise<void>;
}

/** Takes WebSockets. */
export interface SocketRoute {
  readonly method: 'SOCKET';
  readonly path: string;
  readonly right: Right;
  open(asked: AskedSocket<string>): void | Promise<void>;
}

export type Route = HttpRoute | SocketRoute;

/** `/events/:id/:file` → `'id' | 'file'` */
type NamesOf<Path extends string> = Path extends `${infer Part}/${infer Rest}`
  ? NamesOf<Part> | NamesOf<Rest>
  : Path extends `:${infer Name}`
    ? Name
    : never;

export function get<Path extends string>(path: Path, right: Right, answer: Handler<NamesOf<Path>>): Route {
  return { method: 'GET', path, right, answer };
}

export function put<Path extends string>(path: Path, right: Right, answer: Handler<NamesOf<Path>>): Route {
  return { method: 'PUT', path, right, answer };
}

export function del<Path extends string>(path: Path, right: Right, answer: Handler<NamesOf<Path>>): Route {
  return { method: 'DELETE', path, right, answer };
}

export function socket<Path extends string>(path: Path, right: Right, open: SocketHandler<NamesOf<Path>>): Route {
  return { method: 'SOCKET', path, right, open };
}
