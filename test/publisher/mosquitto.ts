/** A real mosquitto on a loopback port, without persistence: what it retained is gone after a restart. Owner closes it. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../../src/lib/child.ts';

/** Debian keeps it where the PATH of an ordinary user does not look. */
const COMMAND = existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Settings {
  /** who may log in; anybody without it */
  readonly login?: Login;
  /** lines of its acl_file; everything is allowed without them */
  readonly acl?: readonly string[];
  /** more lines of its settings */
  readonly lines?: readonly string[];
}

export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  #child: Child | undefined;

  static async start(settings?: Settings): Promise<Mosquitto> {
    const broker = await Mosquitto.reserve();
    await broker.start(settings);
    return broker;
  }

  /** A port where no broker runs yet. */
  static async reserve(): Promise<Mosquitto> {
    return new Mosquitto(await freePort(), await mkdtemp(join(tmpdir(), 'lookout-mosquitto-')));
  }

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async start({ login, acl, lines: more = [] }: Settings = {}): Promise<void> {
    const passwords = join(this.#folder, 'passwords');
    const access = login ? ['allow_anonymous false', `password_file ${passwords}`] : ['allow_anonymous true'];
    if (login) await this.#writePassword(passwords, login);
    const rules = join(this.#folder, 'acl');
    if (acl) await writeFile(rules, [...acl, ''].join('\n'));
    // Where no limit is set mosquitto 2.0.11 closes the connection of a client that it refused something.
    const may = acl ? [`acl_file ${rules}`, 'max_queued_messages 100000'] : [];
    const settings = join(this.#folder, 'mosquitto.conf');
    // Subscribers of tests must neither lose nor wait for what comes in a burst: no limits.
    const limits = ['max_queued_messages 0', 'max_inflight_messages 0'];
    const lines = [`listener ${this.port} 127.0.0.1`, ...access, 'persistence false', ...limits, ...may, ...more];
    await writeFile(settings, [...lines, `user ${userInfo().username}`, ''].join('\n'));
    this.#child = await start('mosquitto', COMMAND, ['-c', settings]);
    await untilItListens(this.port, this.#child);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  /** SIGSTOP: connections stay open and nothing is answered. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child && !this.#child.hasExited) this.thaw();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #pid(): number {
    if (this.#child?.pid === undefined) throw new Error('mosquitto does not run');
    return this.#child.pid;
  }

  async #writePassword(file: string, { user, password }: Login): Promise<void> {
    const child = await start('mosquitto_passwd', 'mosquitto_passwd', ['-b', '-c', file, user, password]);
    await child.exited;
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(name: string, command: string, args: readonly string[]): Promise<Child> {
  return await Child.start({ name, command, args, stdin: 'ignore', stdout: 'ignore', dieWithParent: true });
}

async function untilItListens(port: number, child: Child): Promise<void> {
  for (;;) {
    if (child.hasExited) throw new Error(`mosquitto ended: ${child.stderr.join(' | ')}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(10);
  }
}
