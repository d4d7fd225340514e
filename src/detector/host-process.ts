/**
 * The detector host as its owner sees it: started, greeted, asked one frame after another, ended. A deadline stands on loading
 * and on each inference; whoever misses it is killed. After a failure this object is spent and a new one is started.
 */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.ts';
import { messageOf, RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { DetectFrame, SizePx } from '../messages/video.ts';
import { FrameShelf, SHELF_PLACES } from './frame-shelf.ts';
import {
  type Answer,
  AnswerReader,
  type Hello,
  type HostArguments,
  type HostOptions,
  lookForBytes,
  type ModelInfo,
  requestHeader,
} from './wire.ts';

const GRACE_MS = 1000;
const CRASH_HINT = 'export it again, or leave out -m to use the bundled model';
/** A model that asks for more is refused its memory, and the machine keeps it: large detectors take a fifth of this. */
const MAX_MEMORY_BYTES = 4 * 2 ** 30;
const PRLIMIT = '/usr/bin/prlimit';

export interface HostProcessOptions extends HostOptions {
  /** until the model is loaded and has answered its first picture */
  readonly loadDeadlineMs: number;
  /** per inference */
  readonly deadlineMs: number;
  readonly log: Logger;
  /** where frames lie on their way; a folder that is not there makes them follow on the pipe */
  readonly shelfFolder?: string;
  /** ends the start: whoever waits for it is closing */
  readonly signal: AbortSignal;
}

/** The host is gone, and with it this question. */
export class HostLost extends RetryableError {
  /** it was this frame that was at the model; the others only waited behind it */
  readonly isSuspect: boolean;

  constructor(message: string, { isSuspect }: { isSuspect: boolean }) {
    super(message);
    this.isSuspect = isSuspect;
  }
}

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface HostParts {
  readonly child: Child;
  readonly shelf: FrameShelf | undefined;
  readonly model: ModelInfo;
  readonly reader: AnswerReader;
  readonly early: readonly Answer[];
  readonly deadlineMs: number;
}

export class HostProcess implements AsyncDisposable {
  readonly model: ModelInfo;
  /** resolves with the reason once nothing more can be asked */
  readonly lost: Promise<string>;
  readonly #child: Child;
  readonly #shelf: FrameShelf | undefined;
  readonly #deadlineMs: number;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #failure: string | undefined;
  #onLost: (reason: string) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the process and waits for the loaded model. Throws a UserError for a file that is no usable model. */
  static async open(options: HostProcessOptions): Promise<HostProcess> {
    const shelf = FrameShelf.open(options.shelfFolder);
    let child: Child | undefined;
    try {
      child = await startChild(options, shelf);
      const reader = new AnswerReader();
      const { hello, early } = await greeting(child, { reader, options });
      if (hello.type === 'refused') throw new UserError(hello.message, { hint: hello.hint });
      return new HostProcess({ child, shelf, model: hello.model, reader, early, deadlineMs: options.deadlineMs });
    } catch (error) {
      await child?.kill();
      shelf?.close();
      throw error;
    }
  }

  private constructor({ child, shelf, model, reader, early, deadlineMs }: HostParts) {
    this.model = model;
    this.#child = child;
    this.#shelf = shelf;
    this.#deadlineMs = deadlineMs;
    this.lost = new Promise((resolve) => (this.#onLost = resolve));
    for (const answer of early) this.#settle(answer);
    child.pipe(3).on('data', (chunk: Buffer) => {
      this.#hear(reader, chunk);
    });
    void child.exited.then((exit) =>
      this.#fail(`the detector process ended (${exit.signal ?? `code ${exit.code}`}) ${lastWord(exit.stderr)}`.trim()),
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects with HostLost when the process dies or misses the deadline; then nothing more can be asked. */
  async infer(frame: DetectFrame, size: SizePx): Promise<Answer> {
    if (this.#failure !== undefined) throw new HostLost(this.#failure, { isSuspect: false });
    if (this.#pending.size >= SHELF_PLACES) throw new Error(`Expected at most ${SHELF_PLACES} open questions`);
    const id = this.#nextId++;
    this.#putOnShelf(id, frame.data);
    const answer = new Promise<Answer>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    if (this.#pending.size === 1) this.#watch();
    this.#child.stdin.write(requestHeader({ id, ...size }));
    // Node holds the frame until the pipe took it, and the answer comes after that: the lease may end with the answer.
    if (!this.#shelf) this.#child.stdin.write(frame.data);
    return await answer;
  }

  /** Only these classes of the model are reported, from the next question on. */
  lookFor(labels: readonly number[]): void {
    if (this.#failure === undefined) this.#child.stdin.write(lookForBytes(labels));
  }

  #putOnShelf(id: number, bytes: Uint8Array): void {
    try {
      this.#shelf?.put(id, bytes);
    } catch (cause) {
      this.#fail(`a frame could not be handed over: ${messageOf(cause)}`);
      void this.#child.kill();
      throw new HostLost(this.#failure ?? '', { isSuspect: false });
    }
  }

  /** Ends it by the end of its stdin, with a kill where it does not listen. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail('the detector was closed');
    this.#child.stdin.end();
    const timer = setTimeout(() => void this.#child.kill(), GRACE_MS);
    await this.#child.exited;
    clearTimeout(timer);
    this.#shelf?.close();
  }

  /** What cannot be read is the end: nobody knows where the next answer would begin. */
  #hear(reader: AnswerReader, chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      for (const message of reader.push(chunk)) if ('id' in message) this.#settle(message);
    } catch (cause) {
      this.#fail(`the detector process cannot be understood: ${messageOf(cause)}`);
      void this.#child.kill();
    }
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    this.#watch();
    pending?.resolve(answer);
  }

  /** One timer, for the oldest question: it starts again with every answer. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#pending.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#fail(`the model did not answer within ${this.#deadlineMs} ms`);
      void this.#child.kill();
    }, this.#deadlineMs);
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    clearTimeout(this.#timer);
    // The host answers in order, so the oldest question is the one that it was at.
    let isSuspect = true;
    for (const { reject } of this.#pending.values()) {
      reject(new HostLost(this.#failure, { isSuspect }));
      isSuspect = false;
    }
    this.#pending.clear();
    this.#onLost(this.#failure);
  }
}

async function startChild(
  { modelPath, family, labels, minScore, threads, log }: HostProcessOptions,
  shelf: FrameShelf | undefined,
): Promise<Child> {
  const entry = fileURLToPath(new URL(`./host${extname(import.meta.url)}`, import.meta.url));
  const options: HostArguments = { modelPath, family, labels, minScore, threads, hasShelf: shelf !== undefined };
  // From sources (development, tests) the host needs the same translation as we do.
  const translator = entry.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  const node = [process.execPath, ...translator, entry, JSON.stringify(options)];
  const [command = process.execPath, ...args] = existsSync(PRLIMIT)
    ? [PRLIMIT, `--data=${MAX_MEMORY_BYTES}`, '--', ...node]
    : node;
  return await Child.start({
    name: 'the detector',
    command,
    args,
    stdin: 'pipe',
    stdout: 'ignore',
    extraPipes: 1,
    handedFds: shelf ? [shelf.fd] : [],
    dieWithParent: true,
    graceMs: GRACE_MS,
    log,
    onStderrLine: (line) => log.debug({ line }, 'detector says'),
  });
}

async function greeting(
  child: Child,
  { reader, options }: { reader: AnswerReader; options: HostProcessOptions },
): Promise<{ hello: Hello; early: Answer[] }> {
  const { modelPath, loadDeadlineMs, signal } = options;
  const kill = (): void => void child.kill();
  const timeout = setTimeout(kill, loadDeadlineMs);
  signal.addEventListener('abort', kill, { once: true });
  try {
    if (signal.aborted) kill();
    const messages = await firstMessages(child, reader).catch((cause: unknown) => {
      throw new UserError(`The model ${modelPath} made the detector say what cannot be understood (${messageOf(cause)})`, {
        hint: CRASH_HINT,
        cause,
      });
    });
    const [hello, ...early] = messages;
    if (hello && 'type' in hello) return { hello, early: early.filter((message) => 'id' in message) };
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', kill);
  }
  const exit = await child.exited;
  signal.throwIfAborted();
  if (exit.asked)
    throw new UserError(`The model ${modelPath} did not answer within ${loadDeadlineMs / 1000} s`, {
      hint: 'it may hold an endless loop; leave out -m to use the bundled model',
    });
  throw new UserError(
    `The model ${modelPath} made the detector crash (${exit.signal ?? `code ${exit.code}`}: ${lastWord(exit.stderr) || 'no word'})`,
    { hint: CRASH_HINT },
  );
}

/** Reads until the greeting is whole; undefined messages mean that the process ended before. */
async function firstMessages(child: Child, reader: AnswerReader): Promise<(Hello | Answer)[]> {
  const pipe = child.pipe(3);
  return await new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      try {
        const messages = reader.push(chunk);
        if (messages.length > 0) settle(messages);
      } catch (error) {
        pipe.off('data', onData).off('end', onEnd).off('error', reject);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onEnd = (): void => settle([]);
    const settle = (messages: (Hello | Answer)[]): void => {
      pipe.off('data', onData).off('end', onEnd).off('error', reject);
      resolve(messages);
    };
    pipe.on('data', onData).once('end', onEnd).once('error', reject);
  });
}

/** The error that Node names before its stack, else the last line. */
function lastWord(stderr: readonly string[]): string {
  return stderr.findLast((line) => /^\w*Error\b/.test(line)) ?? stderr.at(-1) ?? '';
}
