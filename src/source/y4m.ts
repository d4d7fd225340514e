/**
 * YUV4MPEG2 header → size and rate, so that a stream on stdin needs no probing. Format: mjpegtools' yuv4mpeg(5):
 * `YUV4MPEG2 W<px> H<px> F<n>:<d> I<interlacing> A<n>:<d> C<colourspace>\n`, then `FRAME…\n` and planes for each picture.
 */
import type { Readable } from 'node:stream';
import { UserError } from '../lib/errors.ts';
import type { ProbedVideo } from './video-format.ts';

const MAX_HEADER_BYTES = 512;
const HINT = 'pipe YUV4MPEG2 into -i -, for example: ffmpeg -i FILE -f yuv4mpegpipe -pix_fmt yuv420p - | lookout run -i -';

export function parseY4mHeader(line: string): ProbedVideo {
  const [magic, ...tokens] = line.split(' ');
  const token = (letter: string): string | undefined => tokens.find((text) => text.startsWith(letter))?.slice(1);
  const widthPx = Number(token('W'));
  const heightPx = Number(token('H'));
  const [over = Number.NaN, under = 1] = (token('F') ?? '').split(':').map(Number);
  if (magic !== 'YUV4MPEG2' || !(widthPx >= 16) || !(heightPx >= 16)) {
    throw new UserError(`stdin does not begin with a YUV4MPEG2 header but with "${printable(line)}"`, { hint: HINT });
  }
  return { widthPx, heightPx, fps: over > 0 && under > 0 ? over / under : undefined, codec: 'rawvideo', durationMs: undefined };
}

/** Reads the header line and pushes every byte back, so that the stream can go to ffmpeg whole. */
export async function peekY4mHeader(stdin: Readable, signal: AbortSignal): Promise<ProbedVideo> {
  const chunks: Buffer[] = [];
  let end = -1;
  while (end < 0) {
    const chunk = await nextChunk(stdin, signal);
    if (chunk === undefined) break;
    chunks.push(chunk);
    const head = Buffer.concat(chunks);
    end = head.indexOf(0x0a);
    if (head.length >= MAX_HEADER_BYTES) break;
  }
  const head = Buffer.concat(chunks);
  const video = head.length === 0 ? undefined : parseY4mHeader(head.subarray(0, end < 0 ? 40 : end).toString('latin1'));
  if (!video || stdin.readableEnded) throw new UserError('stdin ended before the first picture', { hint: HINT });
  stdin.unshift(head);
  return video;
}

async function nextChunk(stdin: Readable, signal: AbortSignal): Promise<Buffer | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const chunk = stdin.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (stdin.readableEnded || stdin.destroyed) return undefined;
    await readableOrEnd(stdin, signal);
  }
}

async function readableOrEnd(stdin: Readable, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      for (const name of ['readable', 'end', 'close']) stdin.off(name, settle);
      stdin.off('error', reject);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    for (const name of ['readable', 'end', 'close']) stdin.once(name, settle);
    stdin.once('error', reject);
    signal.addEventListener('abort', settle, { once: true });
  });
}

function printable(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '·');
}
