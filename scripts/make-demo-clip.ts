/**
 * Debian's vtest.avi (package opencv-doc) -> test/fixtures/demo.mp4: an empty scene, one person crosses it, empty again,
 * two people cross it, empty again.
 *
 * In vtest.avi somebody is always in view. So the empty scene is its median over time, and a visit is real footage shown
 * inside soft-edged boxes that follow the chosen people. The two of the second visit were filmed in different minutes.
 * Run by hand: `npx tsx scripts/make-demo-clip.ts`, with ffmpeg and opencv-doc installed; the result is committed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { Child } from '../src/lib/child.ts';
import { packagePath } from '../src/lib/package-root.ts';
import { CAST, type Key, type Performer } from './demo-cast.ts';

const CROP = { x: 128, y: 164, w: 624, h: 352 } as const;
const FPS = 10;
const FRAME_BYTES = (CROP.w * CROP.h * 3) / 2;
/** the median is taken over every 15th frame of the 795 */
const SAMPLE_EVERY = 15;
const LENGTH_FRAMES = 445;

/** How far around a box it counts fully, and over how many pixels more that falls to nothing. */
interface Edge {
  readonly marginPx: number;
  readonly featherPx: number;
}

/** live picture around a performer; what stays live where a passer-by comes near; what is hidden around a passer-by */
const AROUND: Edge = { marginPx: 6, featherPx: 10 };
const CORE: Edge = { marginPx: 0, featherPx: 3 };
const HIDDEN: Edge = { marginPx: 4, featherPx: 4 };

interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly headX: number;
}

async function vtest(folder: string): Promise<string> {
  const dpkg = await Child.start({
    name: 'dpkg',
    command: 'dpkg',
    args: ['-L', 'opencv-doc'],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const path = (await text(dpkg.stdout)).split('\n').find((line) => /\/vtest\.avi(\.gz)?$/.test(line));
  if (path === undefined || !existsSync(path))
    throw new Error('Expected vtest.avi of Debian’s package opencv-doc: apt install it');
  if (!path.endsWith('.gz')) return path;
  const unpacked = join(folder, 'vtest.avi');
  await writeFile(unpacked, gunzipSync(await readFile(path)));
  return unpacked;
}

/** The frames that an ffmpeg `select` expression takes, cropped, yuv420p, one after the other. */
async function decode(video: string, select: string): Promise<Uint8Array[]> {
  const filters = [`select='${select}'`, `crop=${CROP.w}:${CROP.h}:${CROP.x}:${CROP.y}`, 'format=yuv420p'].join(',');
  const child = await Child.start({
    name: 'decoder',
    command: 'ffmpeg',
    args: ['-nostdin', '-loglevel', 'error', '-i', video, '-vf', filters, '-vsync', '0', '-f', 'rawvideo', 'pipe:1'],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const bytes = await buffer(child.stdout);
  const { code, stderr } = await child.exited;
  if (code !== 0) throw new Error(`ffmpeg could not decode ${video}: ${stderr.join(' ')}`);
  return Array.from({ length: bytes.length / FRAME_BYTES }, (_, i) => bytes.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES));
}

function medianOf(frames: readonly Uint8Array[]): Uint8Array {
  const median = new Uint8Array(FRAME_BYTES);
  const values = new Uint8Array(frames.length);
  for (let i = 0; i < FRAME_BYTES; i++) {
    for (const [k, frame] of frames.entries()) values[k] = frame[i]!;
    values.sort();
    median[i] = values[values.length >> 1]!;
  }
  return median;
}

/** The box in the crop's own pixels, or undefined before the first and after the last key. */
function boxAt(keys: readonly Key[], frame: number): Box | undefined {
  const next = keys.findIndex((key) => key[0] >= frame);
  if (next < 0 || frame < keys[0]![0]) return undefined;
  const b = keys[next]!;
  const a = keys[Math.max(0, next - 1)]!;
  const t = a === b ? 0 : (frame - a[0]) / (b[0] - a[0]);
  const between = (from: number, to: number): number => from + (to - from) * t;
  const headX = between(a[5] ?? (a[1] + a[3]) / 2, b[5] ?? (b[1] + b[3]) / 2);
  return {
    x1: between(a[1], b[1]) - CROP.x,
    y1: between(a[2], b[2]) - CROP.y,
    x2: between(a[3], b[3]) - CROP.x,
    y2: between(a[4], b[4]) - CROP.y,
    headX: headX - CROP.x,
  };
}

/** 1 inside the box and its margin, falling smoothly to 0 over the feather. */
function weightOf(box: Box, edge: Edge, at: { readonly x: number; readonly y: number }): number {
  const dx = Math.max(box.x1 - at.x, at.x - box.x2, 0);
  const dy = Math.max(box.y1 - at.y, at.y - box.y2, 0);
  const t = Math.min(1, Math.max(0, (Math.hypot(dx, dy) - edge.marginPx) / edge.featherPx));
  return 1 - t * t * (3 - 2 * t);
}

/** The likely place of a walker inside the box: a head, a torso under it, and legs as wide as the box. */
function coreOf(box: Box, at: { readonly x: number; readonly y: number }): number {
  const height = box.y2 - box.y1;
  const down = (at.y - box.y1) / height;
  const reach = down > 0.5 ? box.x2 - box.x1 : height * (down < 0.15 ? 0.07 : 0.15);
  const part = { ...box, x1: Math.max(box.x1, box.headX - reach), x2: Math.min(box.x2, box.headX + reach) };
  return weightOf(part, CORE, at);
}

/** Where the live picture shows in one frame of a performance. */
class Window {
  readonly box: Box;
  readonly #behind: readonly Box[];
  readonly #inFront: readonly Box[];

  constructor(box: Box, performer: Performer, frame: number) {
    const boxesAt = (keys: readonly Key[]): readonly Box[] => [boxAt(keys, frame)].filter((other) => other !== undefined);
    this.box = box;
    this.#behind = performer.behind.flatMap(boxesAt);
    this.#inFront = performer.inFront.flatMap(boxesAt);
  }

  weightAt(x: number, y: number): number {
    const at = { x, y };
    let weight = weightOf(this.box, AROUND, at);
    const core = this.#behind.length > 0 ? coreOf(this.box, at) : 1;
    for (const other of this.#behind) weight *= 1 - weightOf(other, HIDDEN, at) * (1 - core);
    for (const other of this.#inFront) weight *= 1 - weightOf(other, HIDDEN, at);
    return weight;
  }
}

/** Blends the live frame into `target` where the window shows it. */
function reveal(target: Uint8Array, live: Uint8Array, window: Window): void {
  const { box } = window;
  const reach = AROUND.marginPx + AROUND.featherPx;
  let offset = 0;
  for (const scale of [1, 2, 2]) {
    const [w, h] = [CROP.w / scale, CROP.h / scale];
    const [left, right] = [Math.max(0, Math.floor((box.x1 - reach) / scale)), Math.min(w, Math.ceil((box.x2 + reach) / scale))];
    const [top, bottom] = [Math.max(0, Math.floor((box.y1 - reach) / scale)), Math.min(h, Math.ceil((box.y2 + reach) / scale))];
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const at = offset + y * w + x;
        const old = target[at]!;
        target[at] = Math.round(old + (live[at]! - old) * window.weightAt(x * scale, y * scale));
      }
    }
    offset += w * h;
  }
}

/** The picture moved sideways by an even number of pixels; what enters at the border is the border's own pixel. */
function shifted(frame: Uint8Array, byPx: number): Uint8Array {
  const result = new Uint8Array(frame.length);
  let offset = 0;
  for (const scale of [1, 2, 2]) {
    const [w, h] = [CROP.w / scale, CROP.h / scale];
    for (let at = 0; at < w * h; at++) {
      const x = Math.min(w - 1, Math.max(0, (at % w) - byPx / scale));
      result[offset + at] = frame[offset + at - (at % w) + x]!;
    }
    offset += w * h;
  }
  return result;
}

/** The frames of a performance; a held one repeats, moving on. */
async function film(video: string, { keys, held }: Performer): Promise<Uint8Array[]> {
  const first = keys[0]![0];
  const frames = await decode(video, `between(n,${first},${keys.at(-1)![0]})`);
  if (!held) return frames;
  const still = frames[held.frame - first]!;
  return frames.map((frame, i) => {
    const steps = first + i - held.frame;
    return steps > 0 && first + i <= held.until ? shifted(still, 2 * Math.round((steps * held.stepPx) / 2)) : frame;
  });
}

async function* compose(video: string): AsyncGenerator<Uint8Array> {
  const empty = medianOf(await decode(video, `not(mod(n,${SAMPLE_EVERY}))`));
  const performances = await Promise.all(
    CAST.map(async (performer) => ({ performer, first: performer.keys[0]![0], frames: await film(video, performer) })),
  );
  for (let i = 0; i < LENGTH_FRAMES; i++) {
    const frame = Uint8Array.from(empty);
    for (const { performer, first, frames } of performances) {
      const step = i - performer.atFrame;
      const live = frames[step];
      const box = boxAt(performer.keys, first + step);
      if (live && box) reveal(frame, live, new Window(box, performer, first + step));
    }
    yield frame;
  }
}

const folder = await mkdtemp(join(tmpdir(), 'demo-clip-'));
try {
  const encoder = await Child.start({
    name: 'encoder',
    command: 'ffmpeg',
    args: [
      ['-y', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${CROP.w}x${CROP.h}`],
      ['-framerate', String(FPS), '-i', 'pipe:0', '-vf', 'noise=all_seed=1:c0s=4:c0f=t'],
      [
        '-c:v',
        'libx264',
        '-preset',
        'veryslow',
        '-crf',
        '23',
        '-bf',
        '0',
        '-g',
        String(FPS),
        '-sc_threshold',
        '0',
        '-threads',
        '1',
      ],
      ['-movflags', '+faststart', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'],
      [packagePath('test', 'fixtures', 'demo.mp4')],
    ].flat(),
    stdin: 'pipe',
    stdout: 'ignore',
    dieWithParent: true,
  });
  await pipeline(Readable.from(compose(await vtest(folder))), encoder.stdin);
  const { code, stderr } = await encoder.exited;
  if (code !== 0) throw new Error(`ffmpeg could not encode the clip: ${stderr.join(' ')}`);
} finally {
  await rm(folder, { recursive: true });
}
