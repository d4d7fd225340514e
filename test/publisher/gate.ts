/**
 * A TCP forwarder to a broker that can be shut: a publisher behind it comes back only once the test lets it. MQTT keeps alerts
 * for nobody who is not there, so tests open it after the subscriber has subscribed again.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Gate implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  isOpen = true;
  /** of MQTT (4 is 3.1.1): a client that begins with a higher one is closed without an answer */
  maxVersion = 5;

  static async open(port: number): Promise<Gate> {
    const gate = new Gate(port);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((socket) => this.#forward(socket));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward(client: Socket): void {
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    client.once('data', (connectPacket: Buffer) => {
      if (versionOf(connectPacket) > this.maxVersion) client.destroy();
    });
    const broker = connect(this.#port, '127.0.0.1');
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

/** CONNECT: a byte of type, the length in 1 to 4 bytes, the name MQTT after its length, then the version. */
function versionOf(connectPacket: Buffer): number {
  return connectPacket[connectPacket.indexOf('MQTT') + 4] ?? 0;
}
