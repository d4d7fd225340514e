/**
 * Small films for tests, made by the real ffmpeg in a temporary folder that goes with its owner.
 *
 * A counter film says in every picture which one it is: the whole picture has one brightness, three steps of luma more
 * with each, and after 64 pictures it begins anew.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SizePx } from '../src/messages/video.ts';

const exec = promisify(execFile);
const COUNTER_STEPS = 64;
/** as an expression for ffmpeg's geq filter */
export const COUNTER_LUMA = `16+3*mod(N\\,${COUNTER_STEPS})`;

export interface FilmOptions {
  readonly size?: SizePx;
  readonly fps?: number | string;
  readonly frames?: number;
  /** flags behind the encoder's, for example a rotation */
  readonly more?: readonly string[];
}

export class MediaFolder implements AsyncDisposable {
  readonly path: string;

  static async open(): Promise<MediaFolder> {
    return new MediaFolder(await mkdtemp(join(tmpdir(), 'lookout-media-')));
  }

  private constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async text(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.file(name), content);
    return this.file(name);
  }

  /** Runs ffmpeg with these arguments; the last one is the name of the file it makes, whose path is returned. */
  async make(...args: readonly [...string[], string]): Promise<string> {
    const path = this.file(args.at(-1) as string);
    await exec('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args.slice(0, -1), path]);
    return path;
  }

  async counter(name: string, { size, fps = 30, frames = 60, more = [] }: FilmOptions = {}): Promise<string> {
    const { widthPx, heightPx } = size ?? { widthPx: 96, heightPx: 64 };
    const source = `color=c=black:size=${widthPx}x${heightPx}:rate=${fps},geq=lum=${COUNTER_LUMA}:cb=128:cr=128`;
    const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '4', '-bf', '0', '-g', '10', '-pix_fmt', 'yuv420p'];
    return await this.make('-f', 'lavfi', '-i', source, '-frames:v', String(frames), ...encoder, ...more, name);
  }

  /** What `RtspCamera` plays: two minutes of a counter film, by copying a short one. */
  async cameraFilm(name: string, { size, fps = 10 }: Pick<FilmOptions, 'size' | 'fps'> = {}): Promise<string> {
    const round = await this.counter(`round-${name}`, { fps, frames: COUNTER_STEPS, ...(size === undefined ? {} : { size }) });
    const rounds = Math.ceil((120 * Number(fps)) / COUNTER_STEPS);
    return await this.make('-stream_loop', String(rounds), '-i', round, '-c', 'copy', name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Number (modulo 64) of the counter film's picture with this luma (limited range). */
export function counterOfLuma(luma: number): number {
  return Math.round((luma - 16) / 3);
}

/** The same from a full-range grey, as in detection frames. */
export function counterOfGrey(grey: number): number {
  return counterOfLuma(16 + (grey * 219) / 255);
}

/** Turns an MP4's picture by 90°, as a telephone does: a display matrix in the track header (ISO 14496-12, 8.3.2). */
export async function turnByQuarter(path: string): Promise<void> {
  const bytes = await readFile(path);
  const matrixAt = bytes.indexOf('tkhd') + 44;
  const matrix = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000];
  for (const [i, value] of matrix.entries()) bytes.writeInt32BE(value, matrixAt + 4 * i);
  await writeFile(path, bytes);
}
