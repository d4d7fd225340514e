/**
 * An address of the user -> the only way there: ffmpeg talks to a loopback port of ours, which talks to nothing but the
 * host and port that the user named.
 *
 * ffmpeg follows redirects of HTTP and RTSP and the addresses in playlists by itself, and has no option against it. http(s)
 * and rtsps (whose TLS we do not open) come through us as their proxy, by the environment, which every demuxer in ffmpeg
 * obeys (measured with 5.1: HLS, DASH, redirects); rtsp knows no proxy, so its address is that of our port.
 * Costs 10 ms a start, and more by the packet than by the byte: 2 ms of CPU a megabyte where much comes at once, about 12 ms a second
 * for a camera of 1 Mbit/s and 25 pictures a second (measured).
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Input } from '../../ffmpeg/input.ts';
import { codeOf } from '../lib/errors.ts';
import { proxyRequest } from './proxy-request.ts';
import { RtspReplies, startsPlaying } from './rtsp-replies.ts';
import { isGuarded, type There, thereOf } from './there.ts';

const MAX_HEAD_BYTES = 65_536;
/** A camera that sends us round in circles is asked no more. */
const MAX_REDIRECTS = 5;

/** What ffmpeg would have said without us; causes.ts knows these words. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ENOTFOUND: 'Failed to resolve hostname',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
};

export class Guard implements AsyncDisposable {
  /** what ffmpeg is to open */
  readonly input: Input;
  /** for the process that opens it; of the user's own proxy nothing is left: a camera behind one could be anywhere */
  readonly env: Readonly<Record<string, string | undefined>> = {};
  readonly #heard = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server | undefined;
  #redirects = 0;

  /** Inputs that lead to no other host (files, devices, rtmp, srt) are left as they are. */
  static async open(input: Input): Promise<Guard> {
    if (input.kind !== 'url' || !isGuarded(input.scheme)) return new Guard(input);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Guard(input, server);
  }

  private constructor(input: Input, server?: Server) {
    this.#server = server;
    this.input = input;
    if (input.kind !== 'url' || !server) return;
    const { port } = server.address() as AddressInfo;
    const there = thereOf(input);
    if (input.scheme === 'rtsp') this.input = { ...input, url: input.url.replace(AUTHORITY, `$1127.0.0.1:${port}`) };
    else this.env = { http_proxy: `http://127.0.0.1:${port}`, no_proxy: undefined };
    server.on('connection', (client) => {
      const talk = input.scheme === 'rtsp' ? this.#relayRtsp(client, there, port) : this.#relayProxy(client, there);
      // Who broke it off, and whether that is well, is judged by the exit of ffmpeg.
      talk.catch((error: unknown) => this.#note(error)).finally(() => client.destroy());
    });
  }

  /** Lines that belong to what ffmpeg said: why the camera could not be reached, or where it wanted to send us. */
  get heard(): readonly string[] {
    return [...this.#heard];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #relayProxy(client: Socket, there: There): Promise<void> {
    this.#own(client);
    const head = await readHead(client);
    if (head === undefined) return;
    const request = proxyRequest(head, there);
    if (request.type === 'refused') {
      this.#heard.add(`guard: sent on to ${request.target}`);
      client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const camera = await this.#reach(there);
    if (request.type === 'tunnel') client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    else camera.write(request.head, 'latin1');
    await this.#relay(client, camera);
  }

  async #relayRtsp(client: Socket, there: There, port: number): Promise<void> {
    this.#own(client);
    const camera = await this.#reach(there);
    const replies = new RtspReplies({
      isThere: (target) => (this.#redirects += 1) <= MAX_REDIRECTS && there.is(target),
      relayUrl: `rtsp://127.0.0.1:${port}`,
      onElsewhere: (target) => this.#heard.add(`guard: sent on to ${target}`),
    });
    client.on('data', (chunk: Buffer) => {
      if (startsPlaying(chunk)) replies.trust();
    });
    await this.#relay(client, camera, replies);
  }

  async #relay(client: Socket, camera: Socket, ...through: Transform[]): Promise<void> {
    // ffmpeg never closes one half: its end is the end.
    client.once('end', () => camera.destroy());
    await Promise.all([pipeline([camera, ...through, client]), pipeline(client, camera)]);
  }

  async #reach({ host, port }: There): Promise<Socket> {
    const socket = this.#own(connect({ host, port, noDelay: true }));
    await once(socket, 'connect');
    return socket;
  }

  #own(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
  }

  /** All addresses of a host that failed come as one error, with the code of the first. */
  #note(error: unknown): void {
    const words = WORDS[codeOf(error) ?? ''];
    if (words !== undefined) this.#heard.add(`guard: ${words}`);
  }
}

const AUTHORITY = /^([a-z]+:\/\/(?:[^/?#]*@)?)[^/?#]*/i;

/** Until the empty line; undefined where the client went away or talks no HTTP. */
async function readHead(client: Socket): Promise<string | undefined> {
  let head = '';
  while (!client.destroyed && head.length < MAX_HEAD_BYTES) {
    const chunk = client.read() as Buffer | null;
    head += chunk?.toString('latin1') ?? '';
    if (head.includes('\r\n\r\n')) return head;
    if (client.readableEnded) return undefined;
    if (chunk === null) await Promise.race([once(client, 'readable'), once(client, 'close')]);
  }
  return undefined;
}
