/**
 * Upgrades, which Node hands over with nothing between them and the socket. Each gets a response of its own and goes the way of
 * every request: the same trust, the same problem documents. What is offered and not taken (h2c, which Java's client and curl
 * offer with every request; a WebSocket where there is none) is answered as the request that it also is.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf } from '../lib/errors.ts';
import { HttpError } from './problem.ts';
import type { TakenSocket } from './route.ts';

/** Leaves connections for pages and clips. */
const MAX_SOCKETS = 200;

interface Offer {
  readonly head: Buffer;
  readonly response: ServerResponse;
}

export class Upgrades {
  readonly #offers = new WeakMap<IncomingMessage, Offer>();
  /** every one that Node no longer closes for us */
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  #taken = 0;

  /** Answers them by `answer`, which takes the socket or says `decline`. */
  watch(http: Server, answer: (request: IncomingMessage, response: ServerResponse) => void): void {
    http.on('upgrade', (request, _duplex, head) => {
      const { socket } = request;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // A client that stops speaking has left, as for any request.
      socket.allowHalfOpen = false;
      // Without a listener one that breaks off would end the process.
      socket.on('error', () => socket.destroy());
      const response = responseOn(request);
      if (!response) return;
      this.#offers.set(request, { head, response });
      answer(request, response);
    });
  }

  /** Whether the client would speak WebSocket, and its socket is not taken yet. */
  isOffer(request: IncomingMessage): boolean {
    return this.#offers.has(request) && request.headers.upgrade?.toLowerCase() === 'websocket';
  }

  /** It is answered like any request, of which it may be one: from here on we hear that the client leaves. */
  decline(request: IncomingMessage): void {
    const offer = this.#offers.get(request);
    if (!offer) return;
    const { socket } = request;
    this.#offers.delete(request);
    socket.on('drain', () => offer.response.emit('drain'));
    socket.resume();
  }

  /** The socket, from now on its taker's; throws a 503 where too many are taken. */
  take(request: IncomingMessage): TakenSocket {
    const offer = this.#offers.get(request);
    if (!offer) throw new Error('Expected an upgrade that was not answered yet');
    if (this.#taken >= MAX_SOCKETS) {
      throw new HttpError(503, `${MAX_SOCKETS} sockets are open already`, { 'Retry-After': '10' });
    }
    const { socket } = request;
    this.#offers.delete(request);
    this.#taken += 1;
    socket.once('close', () => {
      this.#taken -= 1;
    });
    offer.response.detachSocket(socket);
    return { socket, head: offer.head, signal: this.#closing.signal };
  }

  /** Tells the takers; `end` follows a moment later. */
  close(): void {
    this.#closing.abort();
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** What Node makes for a request that is no upgrade; undefined where an answer before it is still on its way on this socket. */
function responseOn(request: IncomingMessage): ServerResponse | undefined {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket);
  } catch (error) {
    if (codeOf(error) !== 'ERR_HTTP_SOCKET_ASSIGNED') throw error;
    socket.destroy();
    return undefined;
  }
  response.once('finish', () => socket.destroySoon());
  return response;
}
