/**
 * The only place that starts processes. Every child has an owner that stops it: SIGTERM → grace → SIGKILL.
 *
 * Success is judged by who asked, not by the exit code (ffmpeg: 255 after our SIGTERM is fine, 0 from a live camera is a
 * disconnect). stderr is always drained into a ring of its last lines, which errors quote. `exited` resolves once every
 * stream is closed. Children that must not outlive a `kill -9` of this process start under `setpriv --pdeathsig KILL`.
 */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { codeOf, RetryableError, UserError } from './errors.ts';
import type { Logger } from './log.ts';
import { maskSecrets } from './secrets.ts';

const STDERR_LINES = 50;
const STDERR_LINE_CHARS = 2000;
const SETPRIV = '/usr/bin/setpriv';

export interface ChildOptions {
  /** for logs and errors, for example `decoder of camera front` */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin: 'ignore' | 'pipe' | 'inherit';
  /** `inherit` hands our own stdout to the child */
  readonly stdout?: 'pipe' | 'inherit' | 'ignore';
  /** readable pipes from file descriptor 3 upwards */
  readonly extraPipes?: number;
  /** file descriptors of ours that the child gets behind its pipes; ours stay open */
  readonly handedFds?: readonly number[];
  /** the kernel kills the child when this process dies, however it dies */
  readonly dieWithParent: boolean;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** on top of `env`, or of our own environment; undefined takes a variable away */
  readonly moreEnv?: Readonly<Record<string, string | undefined>> | undefined;
  readonly graceMs?: number;
  readonly log?: Logger;
  /** told of each line the child prints on stderr, already masked */
  readonly onStderrLine?: (line: string) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** we told it to stop */
  readonly asked: boolean;
  /** the last lines of stderr, masked */
  readonly stderr: readonly string[];
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class Child implements AsyncDisposable {
  readonly name: string;
  readonly exited: Promise<Exit>;
  /** why stdin could not be written (EPIPE once the child is gone); undefined while it can */
  stdinError: Error | undefined;
  readonly #process: ChildProcess;
  readonly #graceMs: number;
  readonly #stderr: string[] = [];
  #asked = false;
  #stopping: Promise<Exit> | undefined;

  /** Starts the command. Rejects with a UserError where it is not installed. */
  static async start(options: ChildOptions): Promise<Child> {
    // Under setpriv a missing command would only show as an exit code of setpriv.
    if (!isOnPath(options)) throw notFound(options);
    const child = spawnNow(() => new Child(options), options);
    await child.#spawned(options);
    return child;
  }

  private constructor(options: ChildOptions) {
    this.name = options.name;
    this.#graceMs = options.graceMs ?? 2000;
    const underSetpriv = options.dieWithParent && existsSync(SETPRIV);
    const argv = underSetpriv
      ? [SETPRIV, '--pdeathsig', 'KILL', '--', options.command, ...options.args]
      : [options.command, ...options.args];
    const stdio: StdioOptions = [
      options.stdin,
      options.stdout ?? 'pipe',
      'pipe',
      ...Array<'pipe'>(options.extraPipes ?? 0).fill('pipe'),
      ...(options.handedFds ?? []),
    ];
    options.log?.debug({ child: options.name, argv: maskSecrets(argv.join(' ')) }, 'starting a child process');
    this.#process = spawn(argv[0] as string, argv.slice(1), {
      stdio,
      // A process group of its own: the terminal's Ctrl-C is for us, and we end each child in its turn.
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...(options.env ?? process.env), ...options.moreEnv },
    });
    this.exited = this.#watch(options);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stdin(): Writable {
    if (!this.#process.stdin) throw new Error(`${this.name} has no stdin pipe`);
    return this.#process.stdin;
  }

  get stdout(): Readable {
    if (!this.#process.stdout) throw new Error(`${this.name} has no stdout pipe`);
    return this.#process.stdout;
  }

  /** The readable pipe of file descriptor 3, 4, … */
  pipe(fd: number): Readable {
    const stream = this.#process.stdio[fd];
    if (!stream || !('read' in stream)) throw new Error(`${this.name} has no pipe ${fd}`);
    return stream;
  }

  /** The last lines of stderr, masked. */
  get stderr(): readonly string[] {
    return this.#stderr;
  }

  get hasExited(): boolean {
    return !alive.has(this.#process);
  }

  /** Asks it to end, kills it after the grace time, waits until it is really over. May be called often. */
  async stop(): Promise<Exit> {
    this.#stopping ??= this.#stop();
    return await this.#stopping;
  }

  /** Kills it at once: for a child that is frozen and would not hear SIGTERM. */
  async kill(): Promise<Exit> {
    this.#asked = true;
    this.#process.kill('SIGKILL');
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<Exit> {
    this.#asked = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), this.#graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  async #spawned(options: ChildOptions): Promise<void> {
    if (this.#process.pid !== undefined) return;
    const cause = await new Promise<Error>((resolve) => this.#process.once('error', resolve));
    if (codeOf(cause) === 'ENOENT') throw notFound(options, cause);
    if (isShortage(cause)) throw shortage(options, cause);
    throw new UserError(`${options.command} could not be started for ${options.name}: ${cause.message}`, {
      hint: 'see that the program may be run by this user',
      cause,
    });
  }

  #watch(options: ChildOptions): Promise<Exit> {
    const child = this.#process;
    if (child.pid !== undefined) alive.add(child);
    child.stdin?.on('error', (error) => {
      this.stdinError = error;
    });
    this.#drainStderr(options);
    return new Promise((resolve) => {
      child.once('error', () => undefined);
      child.once('close', (code, signal) => {
        alive.delete(child);
        resolve({ code, signal, asked: this.#asked, stderr: this.#stderr });
      });
    });
  }

  #drainStderr({ onStderrLine }: ChildOptions): void {
    let rest = '';
    const take = (line: string): void => {
      if (line.trim() === '') return;
      const masked = maskSecrets(line);
      this.#stderr.push(masked);
      if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
      onStderrLine?.(masked);
    };
    this.#process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = (lines.pop() ?? '').slice(0, STDERR_LINE_CHARS);
      for (const line of lines) take(line.slice(0, STDERR_LINE_CHARS));
    });
    this.#process.stderr?.on('end', () => take(rest));
  }
}

/** Out of processes, files or memory: over in a moment, or the machine has other troubles. */
const SHORTAGES = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

function isShortage(cause: unknown): boolean {
  return SHORTAGES.has(codeOf(cause) ?? '');
}

/** Some shortages make `spawn` throw instead of saying `error`. */
function spawnNow(start: () => Child, options: ChildOptions): Child {
  try {
    return start();
  } catch (cause) {
    throw isShortage(cause) ? shortage(options, cause) : cause;
  }
}

function shortage({ name }: ChildOptions, cause: unknown): RetryableError {
  return new RetryableError(`${name} could not be started (${codeOf(cause)})`, {
    hint: 'the machine is short of memory, files or processes',
    cause,
  });
}

function isOnPath({ command, env = process.env }: ChildOptions): boolean {
  const folders = command.includes('/') ? [''] : (env['PATH'] ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, command)));
}

function notFound({ command, name }: ChildOptions, cause?: Error): UserError {
  return new UserError(`${command} was not found on this machine, and ${name} needs it`, {
    hint: 'install it (Debian, Ubuntu, Raspberry Pi OS: sudo apt install ffmpeg), or run: npm run setup',
    cause,
  });
}
