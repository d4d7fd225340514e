/**
 * stdout as an asynchronous stream. process.stdout blocks the event loop on a pipe, and with it every camera, until the reader
 * has read.
 */
import { createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { UserError } from '../lib/errors.ts';

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
