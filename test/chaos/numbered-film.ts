/**
 * A film of visits whose every picture says which one it is: 16 black or white blocks along its top edge are the bits of its
 * number. So what is missing in a clip is counted, whatever was encoded, copied, cut or joined on the way.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DEMO } from '../e2e/media.ts';

const exec = promisify(execFile);
const BITS = 16;
const BLOCK_PX = 16;
export const FILM_FPS = 10;
/** What is repeated, in seconds of the fixture: a person is in view from 2 s to 6.5 s, then nobody for 3.5 s. */
const VISIT = [
  [3.5, 10],
  [19.5, 23],
] as const;
const VISITS = 18;

export interface FilmOptions {
  /** pictures from one key frame to the next */
  readonly gop: number;
  readonly widthPx?: number;
  /** argument of ffmpeg's noise bit stream filter: bytes of the stream are damaged */
  readonly noise?: string;
}

/** Three minutes, Matroska, H.264 without B-frames, as `RtspCamera` plays it. */
export async function makeNumberedFilm(path: string, { gop, widthPx = 624, noise }: FilmOptions): Promise<void> {
  const cut = VISIT.map(([from, to], i) => `[v${i}]trim=${from}:${to},setpts=PTS-STARTPTS[p${i}]`).join(';');
  const visit = `[0:v]split=2[v0][v1];${cut};[p0][p1]concat=n=2,loop=${VISITS - 1}:32767,setpts=N/${FILM_FPS}/TB`;
  const graph = `${visit},scale=${widthPx}:-2,drawbox=x=0:y=0:w=${BITS * BLOCK_PX}:h=${BLOCK_PX}:c=black:t=fill,${bits()}`;
  const coder = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-bf', '0', '-g', `${gop}`, '-sc_threshold', '0'];
  const damage = noise === undefined ? [] : ['-bsf:v', `noise=${noise}`];
  const argv = [
    '-v',
    'error',
    '-nostdin',
    '-y',
    '-i',
    DEMO,
    '-filter_complex',
    graph,
    '-pix_fmt',
    'yuv420p',
    ...coder,
    ...damage,
  ];
  await exec('ffmpeg', [...argv, '-f', 'matroska', path]);
}

/** The numbers of a clip's pictures, in the order in which they are shown. */
export async function numbersIn(input: string): Promise<number[]> {
  const bytes = BITS * BLOCK_PX * BLOCK_PX;
  const reading = ['-v', 'quiet', '-nostdin', '-i', input, '-fps_mode', 'passthrough'];
  const strip = ['-vf', `crop=${BITS * BLOCK_PX}:${BLOCK_PX}:0:0`, '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const { stdout } = await exec('ffmpeg', [...reading, ...strip], { encoding: 'buffer', maxBuffer: 1e9 });
  return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, i) => numberOf(stdout.subarray(i * bytes)));
}

/** Each bit by the level in the middle of its block. */
function numberOf(strip: Buffer): number {
  const row = (BLOCK_PX / 2) * BITS * BLOCK_PX;
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) if (strip[row + bit * BLOCK_PX + BLOCK_PX / 2]! > 128) number += 2 ** bit;
  return number;
}

function bits(): string {
  return Array.from(
    { length: BITS },
    (_, bit) => `drawbox=x=${bit * BLOCK_PX}:y=0:w=${BLOCK_PX}:h=${BLOCK_PX}:c=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`,
  ).join(',');
}
