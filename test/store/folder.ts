/** Temp folders, records and clips for the tests of the store. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Child } from '../../src/lib/child.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Logger } from '../../src/lib/log.ts';
import type { EventFacts, EventRecord, EventState } from '../../src/messages/event.ts';
import { Store } from '../../src/store/store.ts';

export const ID = '01KAGYZ0000000000000000001';
export const START_MS = Date.UTC(2026, 10, 20, 23, 59, 59);
export const DAY = join('events', '2026', '11', '20');

export interface TempFolder extends AsyncDisposable {
  readonly dir: string;
}

export async function tempFolder(): Promise<TempFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'lookout-store-'));
  return { dir, [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true }) };
}

/** A logger whose lines the test reads. */
export function listeningLog(): { log: Logger; lines: { msg: string; level: number; [field: string]: unknown }[] } {
  const lines: { msg: string; level: number }[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line) as { msg: string; level: number }) });
  return { log, lines };
}

export async function openStore(dir: string, log: Logger = listeningLog().log): Promise<Store> {
  return await Store.open({ dir, clock: systemClock, log });
}

export function facts(state: EventState, more: Partial<EventFacts> = {}): EventFacts {
  return {
    state,
    id: ID,
    camera: 'front',
    updatedAt: new Date(START_MS + 500).toISOString(),
    label: 'person',
    startedAt: new Date(START_MS).toISOString(),
    score: 0.7,
    count: 1,
    people: 1,
    box: { x: 0.1, y: 0.1, w: 0.2, h: 0.5 },
    zones: [],
    latencyMs: { frameToDetect: 20, detectToConfirm: 400 },
    feed: 'frames',
    files: [],
    droppedFrames: 0,
    configHash: 'c',
    ...more,
  };
}

export function record(state: EventState, more: Partial<EventRecord> = {}): EventRecord {
  return { ...facts(state), schema: 2, revision: 1, ...more };
}

/** An event's folder as a crash leaves it: event.json says that it is open. */
export async function leaveOpen(dir: string, more: Partial<EventRecord> = {}): Promise<string> {
  const folder = join(dir, DAY, 'front', ID);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'event.json'), JSON.stringify(record('open', more)));
  return folder;
}

/** A five second HLS clip as the recorder makes it: fMP4, 15 fps, one GOP and one segment a second. */
export async function makeClip(folder: string): Promise<void> {
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '15', '-bf', '0', '-sc_threshold', '0'];
  const hls = ['-f', 'hls', '-hls_time', '1', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'event'];
  const names = ['-hls_segment_filename', '%05d.m4s', '-start_number', '0', 'index.m3u8'];
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=15:duration=5'];
  await run('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...encode, ...hls, ...names], folder);
}

/** Frames that a player would show, and everything that ffmpeg has to complain about. */
export async function decode(playlist: string): Promise<{ frames: number; complaints: string }> {
  const probe = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v',
    '-show_entries',
    'stream=nb_read_frames',
    '-of',
    'csv=p=0',
  ];
  const { stdout, stderr } = await run('ffprobe', [...probe, '-allowed_extensions', 'ALL', playlist]);
  return { frames: Number.parseInt(stdout, 10), complaints: stderr };
}

async function run(command: string, args: string[], cwd?: string): Promise<{ stdout: string; stderr: string }> {
  await using child = await Child.start({
    name: command,
    command,
    args,
    stdin: 'ignore',
    dieWithParent: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  for await (const chunk of child.stdout) stdout += String(chunk);
  const exit = await child.exited;
  if (exit.code !== 0) throw new Error(`${command} failed: ${exit.stderr.join('\n')}`);
  return { stdout, stderr: exit.stderr.join('\n') };
}
