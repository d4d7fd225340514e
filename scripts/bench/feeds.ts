/**
 * Packets against frames, on a real RTSP server: CPU and memory of one camera of 1080p25 while nobody is there and in an event;
 * and what 50 events deliver before and after the visit, asked and delivered, with key frames 0.4 to 6 s apart.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '../../src/messages/event.ts';
import { RtspCamera } from '../../test/rtsp/rtsp-camera.ts';
import { LOOKOUT } from './analyze.ts';
import { loadOf } from './process-load.ts';
import { measureTree } from './process-tree.ts';
import { printTable, quantile } from './report.ts';

const WINDOW = { settleMs: 5000, windowMs: 20_000 };
const CAMERAS = 5;
const EVENTS = 50;
const ROLL_MS = 2000;
/** Of the film that the 50 events are made of: one visit of 4.5 s in each round. */
const ROUND_MS = 10_000;
const CAMERA_LIKE = ['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];

export async function benchFeeds({ film }: { film: string }): Promise<void> {
  const missing = await RtspCamera.missing();
  if (missing !== undefined) {
    process.stderr.write(`feeds: no camera can be started here (${missing})\n`);
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), 'lookout-feeds-'));
  try {
    await benchLoad(film, dir);
    await benchRolls(film, dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function benchLoad(film: string, dir: string): Promise<void> {
  process.stderr.write('feeds: making a film of 1080p25\n');
  // Somebody is in view all the time; whether that is an event is decided by the start score.
  const graph = 'trim=7:17,setpts=PTS-STARTPTS,fps=25,scale=1920:1080';
  const round = await make(join(dir, 'round.mkv'), '-i', film, '-vf', graph, ...CAMERA_LIKE, '-b:v', '4M', '-g', '50');
  const big = await make(join(dir, 'big.mkv'), '-stream_loop', '11', '-i', round, '-c', 'copy');
  await using camera = await RtspCamera.start({ film: big });
  const rows: string[][] = [];
  for (const feed of ['packets', 'frames']) {
    for (const isEvent of [false, true]) {
      process.stderr.write(`feeds: ${feed}, ${isEvent ? 'in an event' : 'nobody'}\n`);
      const detect = isEvent ? {} : { minScore: 0.99, startScore: 1 };
      const config = await configOf(dir, [{ input: camera.url, detect, record: { feed } }]);
      const data = join(dir, `${feed}-${isEvent}`);
      const { cpuShare, bytes, processes } = await loadOf([...LOOKOUT, ...runArgs(config, data)], WINDOW);
      const written = await bytesOf(data);
      const load = [`${(100 * cpuShare).toFixed(0)} %`, `${megabytes(bytes)} in ${processes} processes`];
      rows.push([feed, isEvent ? 'in an event' : 'nobody', ...load, megabytes(written)]);
    }
  }
  const head = ['feed', '', 'CPU of one core', 'memory', 'video written'];
  printTable(`one camera of 1080p25 over RTSP, ${WINDOW.windowMs / 1000} s each`, [head, ...rows]);
}

async function benchRolls(film: string, dir: string): Promise<void> {
  const seconds = (ROUND_MS / 1000) * (Math.ceil(EVENTS / CAMERAS) + 2);
  process.stderr.write(`feeds: ${EVENTS} events, ${seconds} s in real time\n`);
  const graph =
    '[0:v]split=2[a][b];[a]trim=3.5:10,setpts=PTS-STARTPTS[x];[b]trim=19.5:23,setpts=PTS-STARTPTS[y];[x][y]concat=n=2[v]';
  const round = await make(join(dir, 'visit.mkv'), '-i', film, '-filter_complex', graph, '-map', '[v]', ...CAMERA_LIKE);
  const cameras = await Promise.all(
    Array.from({ length: CAMERAS }, async (_, i) => {
      const keys = ['-g', '9999', '-force_key_frames', randomTimes(seconds).join(',')];
      const path = join(dir, `camera${i}.mkv`);
      await make(path, '-stream_loop', String(seconds), '-i', round, ...CAMERA_LIKE, ...keys, '-t', String(seconds + 20));
      return await RtspCamera.start({ film: path });
    }),
  );
  try {
    const event = { preRollMs: ROLL_MS, postRollMs: ROLL_MS };
    const config = await configOf(
      dir,
      cameras.map(({ url }, i) => ({ name: `camera${i}`, input: url, event })),
    );
    const data = join(dir, 'rolls');
    const child = spawn(LOOKOUT[0] ?? '', [...LOOKOUT.slice(1), ...runArgs(config, data)], { stdio: 'ignore' });
    const ended = once(child, 'close');
    await delay(seconds * 1000);
    child.kill('SIGINT');
    await ended;
    printRolls(await recordsIn(data));
  } finally {
    for (const camera of cameras) await camera[Symbol.asyncDispose]();
  }
}

/** The first event of a camera may come before its ring is full, and the last one is cut by the end. */
function printRolls(records: readonly EventRecord[]): void {
  const first = new Set(records.map(({ camera }) => records.find((record) => record.camera === camera)?.id));
  const counted = records.filter(({ id, reason }) => reason === 'left' && !first.has(id)).slice(0, EVENTS);
  printTable(`${counted.length} events with key frames 0.4 to 6 s apart`, [
    ['', 'asked ms', 'least', 'median', 'most', 'too short'],
    rollRow(
      'pre-roll',
      counted.map(({ preRollMs = 0 }) => preRollMs),
    ),
    rollRow(
      'post-roll',
      counted.map(({ postRollMs = 0 }) => postRollMs),
    ),
  ]);
}

function rollRow(name: string, values: readonly number[]): string[] {
  const figures = [0, 0.5, 1].map((q) => quantile(values, q).toFixed(0));
  return [name, String(ROLL_MS), ...figures, String(values.filter((ms) => ms < ROLL_MS).length)];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 1 : 0)} MB`;
}

function randomTimes(untilSeconds: number): string[] {
  const times: string[] = [];
  for (let at = 0; at < untilSeconds; at += 0.4 + Math.random() * 5.6) times.push(at.toFixed(2));
  return times;
}

async function make(path: string, ...args: readonly string[]): Promise<string> {
  await measureTree(['ffmpeg', '-v', 'error', '-nostdin', '-y', ...args, path]);
  return path;
}

async function configOf(dir: string, cameras: readonly object[]): Promise<string> {
  const path = join(dir, 'lookout.yaml');
  await writeFile(path, JSON.stringify({ cameras }));
  return path;
}

function runArgs(config: string, data: string): string[] {
  return ['run', '-c', config, '--data', data, '--mqtt', 'off', '--http', 'off'];
}

async function filesIn(dir: string, name: RegExp): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((one) => name.test(one)).map((one) => join(dir, one));
}

async function bytesOf(dir: string): Promise<number> {
  const sizes = await Promise.all((await filesIn(dir, /\.(m4s|mp4)$/)).map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function recordsIn(dir: string): Promise<EventRecord[]> {
  const paths = await filesIn(dir, /event\.json$/);
  const records = await Promise.all(paths.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as EventRecord));
  return records.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}
