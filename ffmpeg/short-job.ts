/**
 * Bytes in → ffmpeg → bytes out, for jobs that are over in a moment. The only file that knows fluent-ffmpeg, which has no
 * AbortSignal and kills with SIGKILL: nothing here writes a file. Long-lived pipes belong to lib/child.ts.
 */
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import ffmpeg from 'fluent-ffmpeg';
import { messageOf, RetryableError, UserError } from '../src/lib/errors.ts';
import { maskSecrets } from '../src/lib/secrets.ts';
import { argvOf, type Recipe } from './recipe.ts';

const STDERR_LINES = 3;

/** ffmpeg with one pipe in and one pipe out: `<input> -i pipe:0 <output> pipe:1`. */
export interface PipeRecipe {
  readonly input: Recipe;
  readonly output: Recipe;
}

/** Throws a RetryableError that quotes ffmpeg's last lines, or a UserError where ffmpeg is not installed. */
export async function runShortJob(
  recipe: PipeRecipe,
  input: Uint8Array,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Buffer> {
  // fluent-ffmpeg takes a closed output for a lost reader and fails the job 20 ms later, so the stream never says `close`.
  const stdout = new PassThrough({ autoDestroy: false, emitClose: false });
  // Spread: an argument of its own is taken as it is, while those in one array are split at a space.
  const command = ffmpeg(Readable.from([input], { objectMode: false }))
    .inputOptions(...argvOf(recipe.input))
    .outputOptions(...argvOf(recipe.output));
  const bytes = buffer(stdout);
  await finished(command, { stdout, timeoutMs });
  return await bytes;
}

interface Run {
  readonly stdout: PassThrough;
  readonly timeoutMs: number;
}

function finished(command: ffmpeg.FfmpegCommand, { stdout, timeoutMs }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      command.kill('SIGKILL');
    }, timeoutMs);
    command
      .on('start', () => {
        if (timedOut) command.kill('SIGKILL');
      })
      .on('end', () => {
        clearTimeout(timer);
        resolve();
      })
      .on('error', (cause: unknown, _stdout: unknown, stderr: unknown) => {
        clearTimeout(timer);
        stdout.end();
        reject(failure(cause, { stderr, timedOut, timeoutMs }));
      })
      .pipe(stdout, { end: true });
  });
}

interface Failed {
  readonly stderr: unknown;
  readonly timedOut: boolean;
  readonly timeoutMs: number;
}

function failure(cause: unknown, { stderr, timedOut, timeoutMs }: Failed): Error {
  const said = maskSecrets(messageOf(cause));
  if (said.includes('Cannot find ffmpeg')) {
    return new UserError('ffmpeg was not found on this machine, and a short job needs it', {
      hint: 'install it (Debian, Ubuntu, Raspberry Pi OS: sudo apt install ffmpeg) or run: npm run setup',
      cause,
    });
  }
  if (timedOut) return new RetryableError(`ffmpeg took longer than ${timeoutMs} ms for a short job`, { cause });
  const lines = typeof stderr === 'string' ? maskSecrets(stderr).trim().split('\n').slice(-STDERR_LINES) : [];
  const headline = said.replace(/:?\s*(\n[\s\S]*)?$/, '');
  return new RetryableError([`ffmpeg failed in a short job: ${headline}`, ...lines].join('\n'), { cause });
}
