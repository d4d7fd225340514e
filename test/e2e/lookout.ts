/**
 * The real command line as a process, on free ports, with a data folder of its own. Closing it stops it as Ctrl-C would and
 * then asserts that nothing is left: no process that it started, no port, no lock, no temp file.
 *
 * Runs dist/ where it is built and no older than the sources, the sources otherwise; LOOKOUT_E2E_DIST=1 or 0 decides.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/config.ts';
import { Child, type Exit } from '../../src/lib/child.ts';
import { codeOf } from '../../src/lib/errors.ts';
import { Feed, until } from './feed.ts';
import { MARK, type Process, processesOf, processOf, type Role } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUILT = join(ROOT, 'dist', 'src', 'main.js');

export interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

interface WatchingLine extends Line {
  readonly page?: string;
  readonly mqtt: string;
}

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

export interface LookoutOptions {
  /** after `lookout` */
  readonly args?: readonly string[];
  /** stands in the file given with -c, over free ports and a temp data folder; `false` gives no file */
  readonly config?: DeepPartial<ConfigInput> | false;
  readonly env?: Readonly<Record<string, string>>;
  /** shell text that feeds stdin, and one that reads stdout, or `> file`; the code of the exit is Lookout's */
  readonly from?: string;
  readonly into?: string;
  /** stdin, stdout and stderr are a terminal (script(1)); all of it is `stdout` then */
  readonly inTerminal?: boolean;
  /** in a session of its own, as a service is: also where the tests run in a terminal */
  readonly inSession?: boolean;
  /** it will be killed or its folder taken away: the lock may stay */
  readonly leavesLock?: boolean;
  /** another one's temp folder: a second run on the same data, which the first one removes */
  readonly folder?: string;
}

export class Lookout implements AsyncDisposable {
  /** log lines */
  readonly lines = new Feed<Line>();
  /** everything on stderr that is no log line */
  readonly sentences: string[] = [];
  readonly folder: string;
  readonly dataDir: string;
  readonly mark: string;
  readonly exited: Promise<Exit>;
  readonly #options: LookoutOptions;
  readonly #child: Child;
  #stdout: Buffer[] = [];
  #watching: WatchingLine | undefined;

  /** Starts it and waits until the cameras do. */
  static async start(options: LookoutOptions): Promise<Lookout> {
    const lookout = await Lookout.spawn(options);
    try {
      const line = await lookout.line('watching: an alert and a clip');
      lookout.#watching = line as WatchingLine;
      return lookout;
    } catch (error) {
      await lookout.#clear();
      throw error;
    }
  }

  /** Starts it and does not wait. */
  static async spawn(options: LookoutOptions): Promise<Lookout> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'lookout-e2e-')));
    const mark = `${process.pid}-${Math.random().toString(36).slice(2)}`;
    const lookoutArgv = [process.execPath, ...entry(), ...(options.args ?? []), ...(await configFlags(folder, options))];
    const [command = '', ...args] = inShell(lookoutArgv, options);
    const feed = new Feed<Line>();
    const sentences: string[] = [];
    const child = await Child.start({
      name: 'lookout',
      command,
      args,
      stdin: 'ignore',
      stdout: 'pipe',
      cwd: folder,
      env: { ...withoutSettings(process.env), ...options.env, [MARK]: mark },
      dieWithParent: true,
      onStderrLine: (line) => (line.startsWith('{"level"') ? feed.push(JSON.parse(line) as Line) : sentences.push(line)),
    });
    return new Lookout({ folder, mark, options, child, feed, sentences });
  }

  private constructor(parts: {
    folder: string;
    mark: string;
    options: LookoutOptions;
    child: Child;
    feed: Feed<Line>;
    sentences: string[];
  }) {
    this.folder = parts.folder;
    this.dataDir = join(parts.folder, 'data');
    this.mark = parts.mark;
    this.lines = parts.feed;
    this.sentences = parts.sentences;
    this.#options = parts.options;
    this.#child = parts.child;
    this.#child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    this.exited = this.#child.exited.then((exit) => {
      this.lines.end(`lookout ended (${exit.signal ?? `code ${exit.code}`}) saying: ${this.sentences.join('\n')}`);
      return exit;
    });
  }

  get url(): string {
    if (this.#watching?.page === undefined) throw new Error('Expected a page, but http is off');
    return this.#watching.page;
  }

  get mqttUrl(): string {
    if (!this.#watching) throw new Error('Expected a Lookout that watches');
    return this.#watching.mqtt;
  }

  /** What was written to stdout (of the reader where there is one) so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  async line(text: string, from = 0): Promise<Line> {
    return await this.lines.find(({ msg }) => msg?.includes(text), { what: `the log line "${text}"`, from });
  }

  async process(role: Role, not: readonly number[] = []): Promise<Process> {
    return await processOf(this.mark, role, not);
  }

  async processes(): Promise<Process[]> {
    return await processesOf(this.mark);
  }

  async roles(): Promise<Role[]> {
    return (await this.processes()).map(({ role }) => role);
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill((await this.process('main')).pid, signal);
  }

  /** Ctrl-C where it still runs, and the end. */
  async stop(): Promise<Exit> {
    const main = (await this.processes()).find(({ role }) => role === 'main');
    if (main) sendSignal(main.pid, 'SIGINT');
    return await this.exited;
  }

  async get(path: string): Promise<Response> {
    return await fetch(new URL(path, this.url));
  }

  async json<T>(path: string): Promise<T> {
    return (await (await this.get(path)).json()) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.race([this.stop(), failAfter(30_000, 'lookout did not stop')]);
      await this.#assertNothingIsLeft();
    } finally {
      await this.#clear();
    }
  }

  async #assertNothingIsLeft(): Promise<void> {
    let left: Process[] = [];
    const areGone = async (): Promise<boolean> => (left = await this.processes()).length === 0;
    await until(areGone, { what: 'no process of lookout', withinMs: 10_000 }).catch(() => {
      throw new Error(`Expected no process to be left, but found ${left.map(({ argv }) => argv.join(' ')).join('\n')}`);
    });
    // Another one's broker stays, of course.
    for (const url of [this.#watching?.page, this.#ownsBroker ? this.#watching?.mqtt : undefined]) {
      if (url !== undefined && (await answers(url))) throw new Error(`Expected nothing to listen on ${url} any more`);
    }
    if (this.#options.leavesLock === true) return;
    const names = (await listing(this.dataDir)).filter((name) => name.endsWith('.lock') || name.endsWith('.tmp'));
    if (names.length > 0) throw new Error(`Expected no lock and no temp file, but found ${names.join(', ')}`);
  }

  get #ownsBroker(): boolean {
    const { config } = this.#options;
    return config === false || (config?.mqtt?.url ?? 'embedded') === 'embedded';
  }

  async #clear(): Promise<void> {
    for (const { pid } of await this.processes()) sendSignal(pid, 'SIGKILL');
    await this.exited;
    if (this.#options.folder === undefined) await rm(this.folder, { recursive: true, force: true });
  }
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly lines: readonly Line[];
  /** what is not a log line */
  readonly sentences: readonly string[];
}

/** Runs it to its end, for stories that are over by themselves. */
export async function runLookout(options: LookoutOptions): Promise<Outcome> {
  await using lookout = await Lookout.spawn(options);
  const { code } = await lookout.exited;
  return { code, stdout: lookout.stdout, lines: lookout.lines.items, sentences: lookout.sentences };
}

function entry(): string[] {
  const wish = process.env['LOOKOUT_E2E_DIST'];
  const isBuilt = wish === undefined ? existsSync(BUILT) && !isOutdated() : wish === '1';
  return isBuilt ? [BUILT] : ['--import', import.meta.resolve('tsx'), join(ROOT, 'src', 'main.ts')];
}

/** A source is younger than the build: what ran then would not be what is tested. */
function isOutdated(): boolean {
  const stamp = join(ROOT, 'dist', '.built');
  if (!existsSync(stamp)) return true;
  const builtMs = statSync(stamp).mtimeMs;
  return ['src', 'ffmpeg'].some((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).some(
      (name) => statSync(join(ROOT, folder, String(name))).mtimeMs > builtMs,
    ),
  );
}

async function configFlags(folder: string, { config, args = [] }: LookoutOptions): Promise<string[]> {
  if (config === false) return [];
  const path = join(folder, 'lookout.yaml');
  const whole = {
    ...config,
    mqtt: { port: 0, ...config?.mqtt },
    http: { listen: '127.0.0.1:0', ...config?.http },
    storage: { dir: join(folder, 'data'), ...config?.storage },
  };
  await writeFile(path, JSON.stringify(whole)); // JSON is YAML
  return args.includes('-c') ? [] : ['-c', path];
}

function inShell(argv: readonly string[], { from, into, inTerminal, inSession }: LookoutOptions): readonly string[] {
  if (inSession === true) return ['setsid', '--wait', ...argv];
  if (inTerminal === true) return ['script', '-qec', argv.map((word) => `'${word}'`).join(' '), '/dev/null'];
  if (from === undefined && into === undefined) return argv;
  const target = into === undefined ? '' : into.startsWith('>') ? ` ${into}` : ` | ${into}`;
  const pipe = `${from === undefined ? '' : `${from} | `}"$@"${target}`;
  return ['bash', '-c', `${pipe}; exit "\${PIPESTATUS[${from === undefined ? 0 : 1}]}"`, 'bash', ...argv];
}

/** LOOKOUT_* of the developer's shell must not decide what a test does. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LOOKOUT_')));
}

async function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const settle = (isOpen: boolean) => (): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}

/** To a process that may be gone already. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function failAfter(ms: number, what: string): Promise<never> {
  return await new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`Expected an end within ${ms} ms: ${what}`)), ms).unref();
  });
}

/** Every file and folder below; none where the folder does not exist. */
export async function listing(folder: string): Promise<string[]> {
  return existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
}
