/**
 * The embedded broker: aedes behind a TCP port of 127.0.0.1, for anyone on this machine. It keeps retained messages while it runs.
 *
 * A frozen subscriber blocks the others in aedes until `drainTimeout` cuts it off: 2 s instead of its default of 60.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { codeOf, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { BrokerRules } from './broker-rules.ts';

const HOST = '127.0.0.1';
const DRAIN_TIMEOUT_MS = 2000;
const FALLBACK_PORTS = 20;
const MAX_CONNECTIONS = 200;

export interface EmbeddedBrokerOptions {
  /** only Lookout publishes under it */
  readonly baseTopic: string;
  /** 0 takes any free port */
  readonly port: number;
  /** where the port is taken, take the next free one */
  readonly fallbackPort: boolean;
  readonly log: Logger;
}

export class EmbeddedBroker implements AsyncDisposable {
  /** user and password by which our own client is known */
  readonly owner: BrokerRules['owner'];
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closing: Promise<void> | undefined;

  /** Listens when it returns. Throws a UserError where the port is taken or may not be used. */
  static async open({ baseTopic, port, fallbackPort, log }: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const rules = new BrokerRules(baseTopic);
    const aedes = await Aedes.createBroker({ drainTimeout: DRAIN_TIMEOUT_MS, ...rules.options });
    const broker = new EmbeddedBroker(aedes, rules, log);
    try {
      await broker.#listen(port, fallbackPort && port !== 0 ? FALLBACK_PORTS : 0);
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  private constructor(aedes: Aedes, rules: BrokerRules, log: Logger) {
    this.#aedes = aedes;
    this.owner = rules.owner;
    aedes.addListener('error', (error: Error) => log.error({ err: error }, 'the embedded MQTT broker has a fault'));
    aedes.on('clientError', (client, error) => log.debug({ client: client.id, cause: error.message }, 'MQTT client dropped'));
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `mqtt://${HOST}:${this.port}`;
  }

  /** Ends every connection; port and sockets are gone when it returns. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#aedes.handle(socket);
  }

  async #listen(port: number, moreTries: number): Promise<void> {
    try {
      this.#server.listen(port, HOST);
      await once(this.#server, 'listening');
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'EADDRINUSE' && moreTries > 0 && port < 65_535) {
        await this.#listen(port + 1, moreTries - 1);
        return;
      }
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
      throw portError(port, code, cause);
    }
  }

  async #close(): Promise<void> {
    const serverClosed = this.#server.listening ? once(this.#server, 'close') : undefined;
    if (serverClosed) this.#server.close();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await serverClosed;
  }
}

function portError(port: number, code: string, cause: unknown): UserError {
  const address = `${HOST}:${port}`;
  return code === 'EACCES'
    ? new UserError(`MQTT port ${address} may not be used by this user`, { hint: 'set mqtt.port to 1024 or above', cause })
    : new UserError(`MQTT port ${address} is taken by another program`, {
        hint: `use --mqtt mqtt://${address} to publish to that broker, or set mqtt.port to another port`,
        cause,
      });
}
