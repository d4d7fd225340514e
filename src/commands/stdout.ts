/**
 * stdout as an asynchronous stream. process.stdout blocks the event loop on a pipe, and with it every camera, until the reader
 * has read.
 */
import { createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';

const STDOUT = 1;

/** Throws a UserError where stdout is a terminal: frames would only garble it. */
export function openStdout(): Writable {
  if (isatty(STDOUT))
    throw new UserError('Frames would go to the terminal', {
      hint: 'pipe them into a program: lookout run … --stdout y4m | ffmpeg -i - out.mp4',
    });
  const kind = fstatSync(STDOUT);
  if (kind.isFIFO() || kind.isSocket()) return new Socket({ fd: STDOUT, readable: false, writable: true });
  return createWriteStream('', { fd: STDOUT, autoClose: false });
}

/** Aborts when the lines that go to process.stdout cannot be written any more; without it Node would end us with a stack. */
export function stdoutFailure(): AbortSignal {
  const failed = new AbortController();
  process.stdout.on('error', (error) => failed.abort(error));
  return failed.signal;
}

/** Writes and waits until it is out: the process ends right after its command, and a pipe takes its time. */
export async function print(text: string): Promise<void> {
  const failed = stdoutFailure();
  const error = await new Promise<Error | null | undefined>((resolve) => process.stdout.write(text, resolve));
  throwUnlessReaderGone(error ? AbortSignal.abort(error) : failed);
}

/** A reader that has enough (`| head`): there is nobody to write for, and that is no failure. */
export function isReaderGone(error: unknown): boolean {
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  return code === 'EPIPE' || code === 'ECONNRESET';
}

/** Throws why stdout could not be written, unless its reader had enough. */
export function throwUnlessReaderGone({ aborted, reason }: AbortSignal): void {
  if (!aborted || isReaderGone(reason)) return;
  if (codeOf(reason) === undefined) throw reason;
  throw new UserError(`stdout cannot be written: ${messageOf(reason)}`, {
    hint: 'free some space, or send it elsewhere',
    cause: reason,
  });
}
