/** Clips cut from the fixture, and what ffmpeg and ffprobe say of what was made. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export const DEMO = join(import.meta.dirname, '..', 'fixtures', 'demo.mp4');
export const FPS = 10;

/** Seconds of the fixture, end to end: nobody is there before 5.5 and from 19 to 29; a woman crosses from 5.5 to 18.8. */
const CUTS = {
  /** 36 s, a visit from 5.5 to 9, then nobody for long enough to look at everything in peace */
  visit: [
    [0, 9],
    [19.5, 28.5],
    [19.5, 28.5],
    [19.5, 28.5],
  ],
  /** 10 s, a visit from 2 to 6.5; for playing over and over */
  quick: [
    [3.5, 10],
    [19.5, 23],
  ],
  /** 6 s, a visit from 1.5 to 3.5 */
  brief: [
    [4, 7.5],
    [19.5, 22],
  ],
} as const;

export interface Clips extends AsyncDisposable {
  readonly folder: string;
  readonly visit: string;
  readonly quick: string;
  readonly brief: string;
  readonly durationS: Readonly<Record<keyof typeof CUTS, number>>;
}

/** Cuts the clips into a temp folder; owner closes it. */
export async function cutClips(): Promise<Clips> {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-clips-'));
  const path = (name: keyof typeof CUTS): string => join(folder, `${name}.mp4`);
  for (const name of ['visit', 'quick', 'brief'] as const) await cut(CUTS[name], path(name));
  return {
    folder,
    visit: path('visit'),
    quick: path('quick'),
    brief: path('brief'),
    durationS: { visit: lengthOf('visit'), quick: lengthOf('quick'), brief: lengthOf('brief') },
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

function lengthOf(name: keyof typeof CUTS): number {
  return CUTS[name].reduce((sum, [from, to]) => sum + to - from, 0);
}

async function cut(parts: readonly (readonly [number, number])[], path: string): Promise<void> {
  const labels = parts.map((_, i) => `[p${i}]`).join('');
  const trims = parts.map(([from, to], i) => `[s${i}]trim=${from}:${to},setpts=PTS-STARTPTS[p${i}]`);
  const graph = [
    `[0:v]split=${parts.length}${parts.map((_, i) => `[s${i}]`).join('')}`,
    ...trims,
    `${labels}concat=n=${parts.length}`,
  ].join(';');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '20', '-pix_fmt', 'yuv420p'];
  await exec('ffmpeg', ['-v', 'error', '-nostdin', '-i', DEMO, '-filter_complex', graph, ...encode, path]);
}

export interface VideoFacts {
  readonly codec_name: string;
  readonly profile: string;
  readonly level: number;
  readonly pix_fmt: string;
  readonly has_b_frames: number;
  readonly width: number;
  readonly height: number;
  readonly r_frame_rate: string;
  /** whole frames, by decoding them all */
  readonly frames: number;
  /** of the container */
  readonly durationMs: number;
}

/** Reads a file or address as ffprobe does, decoding every frame. */
export async function probe(input: string): Promise<VideoFacts> {
  const entries = 'stream=codec_name,profile,level,pix_fmt,has_b_frames,width,height,r_frame_rate,nb_read_frames:format=duration';
  const argv = [...opening(input), '-select_streams', 'v', '-count_frames', '-show_entries', entries, '-of', 'json', input];
  const { stdout } = await exec('ffprobe', ['-v', 'error', ...argv]);
  const { streams, format } = JSON.parse(stdout) as { streams: Record<string, unknown>[]; format: { duration?: string } };
  const stream = streams[0]!;
  return {
    ...(stream as unknown as VideoFacts),
    frames: Number(stream['nb_read_frames']),
    durationMs: Math.round(Number(format.duration) * 1000),
  };
}

/** Decodes all of it; whatever ffmpeg calls an error is the answer. */
export async function complaints(input: string): Promise<string> {
  const { stderr } = await exec('ffmpeg', ['-v', 'error', '-nostdin', ...opening(input), '-i', input, '-f', 'null', '-']);
  return stderr;
}

/** Raw yuv420p frames. */
export async function rawFrames(input: string, { widthPx, heightPx }: { widthPx: number; heightPx: number }): Promise<Buffer[]> {
  const argv = [
    '-v',
    'error',
    '-nostdin',
    '-i',
    input,
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    'pipe:1',
  ];
  const { stdout } = await exec('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 1e9 });
  const bytes = (widthPx * heightPx * 3) / 2;
  return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, i) => stdout.subarray(i * bytes, (i + 1) * bytes));
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;
}

function opening(input: string): string[] {
  return input.startsWith('http') ? [] : ['-allowed_extensions', 'ALL', '-protocol_whitelist', 'file,crypto,data'];
}
