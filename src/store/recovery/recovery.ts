/**
 * The folder of an event that a crash left open → a closed clip. Segments that landed are adopted whether listed or not, a torn
 * one is cut to its last whole fragment or removed, temp files go, the playlist ends. Order of durability: segments →
 * folder → playlist; the caller writes event.json last, so that a second crash only starts this over.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { syncFile, syncFolder, writeDurably } from '../../lib/durable.ts';
import { openPlain, readIfFit, readPlain, UnfitFile } from '../../lib/plain-file.ts';
import {
  DETECTIONS_NAME,
  initRun,
  isInit,
  isSegment,
  PICTURE_NAMES,
  PLAYLIST_NAME,
  segmentNumber,
} from '../../media/clip-files.ts';
import { Mp4Error } from '../../media/fmp4/boxes.ts';
import { MAX_INIT_BYTES, MAX_PLAYLIST_BYTES } from '../../media/file-bounds.ts';
import { type InitTiming, readInit } from '../../media/fmp4/timing.ts';
import { type ListedSegment, parsePlaylist } from '../../media/hls-playlist.ts';
import type { ClipFile } from '../../messages/clip.ts';
import type { EventRecord } from '../../messages/event.ts';
import { whenLeftAlone } from './last-words.ts';
import { type PlayableSegment, repairPlaylist } from './playlist-repair.ts';
import { hashFile, readSegment } from './segment.ts';

/** Files of a clip that are not video. */
const BESIDE: readonly string[] = [DETECTIONS_NAME, ...PICTURE_NAMES, PLAYLIST_NAME];

interface Init {
  readonly name: string;
  readonly timing: InitTiming;
  readonly modifiedMs: number;
}

/** What becomes of bytes that cannot be played, before they go; of a file that is not cut, it may take the file itself. */
type Salvage = (path: string, how: { isCut: boolean }) => Promise<void>;

/** Repairs the folder and returns the record that closes the event. */
export async function recoverClip(
  folder: string,
  record: EventRecord,
  { clock, salvage = async () => await Promise.resolve() }: { clock: Clock; salvage?: Salvage },
): Promise<EventRecord> {
  await whenLeftAlone(folder, clock);
  const names = await removeTemporary(folder);
  const inits = await readInits(folder, names);
  const old = parsePlaylist((await readIfFit(join(folder, PLAYLIST_NAME), MAX_PLAYLIST_BYTES)) ?? '');
  const segmentNames = names.filter(isSegment);
  const segments = await readSegments(folder, { names: segmentNames, inits, listed: old.segments, salvage });
  if (segments.length === 0) {
    return closed(record, { state: 'failed', reason: 'no segment was written', atMs: clock.atMs() });
  }
  await syncFolder(folder);
  const startedMs = Date.parse(record.startedAt);
  const firstListed = old.segments[0];
  const firstAtMs =
    (firstListed?.name === segments[0]?.name ? firstListed?.atMs : undefined) ??
    (record.preRollMs === undefined ? undefined : startedMs - record.preRollMs);
  await writeDurably(join(folder, PLAYLIST_NAME), repairPlaylist(old, segments, firstAtMs));
  const files = await describeFiles(folder, segments);
  const durationMs = Math.round(segments.reduce((sum, segment) => sum + segment.durationMs, 0));
  const endMs = Math.max(startedMs, (firstAtMs ?? startedMs) + durationMs);
  return {
    ...closed(record, { state: 'ready', reason: 'restart', atMs: clock.atMs() }),
    endedAt: record.endedAt ?? new Date(endMs).toISOString(),
    ...(firstAtMs === undefined ? {} : { preRollMs: Math.max(0, Math.round(startedMs - firstAtMs)) }),
    durationMs,
    bytes: files.filter(({ name }) => !BESIDE.includes(name)).reduce((sum, { bytes }) => sum + bytes, 0),
    files,
  };
}

/** The record as it stands when the event could not be recovered at all, or only failed. */
export function closed(record: EventRecord, as: { state: 'ready' | 'failed'; reason: string; atMs: number }): EventRecord {
  const { startedAt, endedAt = startedAt } = record;
  const { state, reason, atMs } = as;
  return { ...record, state, reason, updatedAt: new Date(atMs).toISOString(), endedAt, count: 0 };
}

async function removeTemporary(folder: string): Promise<string[]> {
  const names = await plainNamesIn(folder);
  const [temporary, rest] = [names.filter((name) => name.endsWith('.tmp')), names.filter((name) => !name.endsWith('.tmp'))];
  for (const name of temporary) await rm(join(folder, name), { force: true });
  return rest;
}

/** A link could lead anywhere, and what is repaired is written to. */
async function plainNamesIn(folder: string): Promise<string[]> {
  const children = await readdir(folder, { withFileTypes: true });
  return children.filter((child) => child.isFile()).map(({ name }) => name);
}

/** Init segments that can be read, in the order of the encoder runs that wrote them. */
async function readInits(folder: string, names: readonly string[]): Promise<Init[]> {
  const inits: Init[] = [];
  for (const name of names.filter(isInit).sort((a, b) => initRun(a) - initRun(b))) {
    const path = join(folder, name);
    try {
      const timing = readInit(await readPlain(path, MAX_INIT_BYTES));
      inits.push({ name, timing, modifiedMs: (await stat(path)).mtimeMs });
    } catch (error) {
      if (!(error instanceof Mp4Error || error instanceof UnfitFile)) throw error;
    }
  }
  return inits;
}

async function readSegments(
  folder: string,
  {
    names,
    inits,
    listed,
    salvage,
  }: { names: string[]; inits: readonly Init[]; listed: readonly ListedSegment[]; salvage: Salvage },
): Promise<PlayableSegment[]> {
  const byName = new Map(listed.map((segment) => [segment.name, segment]));
  const segments: PlayableSegment[] = [];
  let init = inits[0];
  let endMs = 0;
  for (const name of names.sort((a, b) => segmentNumber(a) - segmentNumber(b))) {
    if (!init) break;
    const path = join(folder, name);
    const entry = byName.get(name);
    let segment = await readSegment(path, init.timing);
    const named = entry ? inits.find((one) => one.name === entry.initName) : undefined;
    const next = named ?? (entry ? init : await laterInit(path, { inits, init, isBackwards: segment.startMs < endMs - 500 }));
    if (next !== init) segment = await readSegment(path, next.timing);
    if (segment.wholeBytes === 0 || segment.durationMs === 0) {
      await salvage(path, { isCut: false });
      await rm(path, { force: true });
      continue;
    }
    init = next;
    endMs = segment.startMs + segment.durationMs;
    const isTorn = segment.wholeBytes < segment.fileBytes;
    if (isTorn) await cut(path, segment.wholeBytes, salvage);
    if (isTorn || !entry) await syncFile(path);
    const durationMs = entry && !isTorn && entry.durationMs > 0 ? entry.durationMs : segment.durationMs;
    segments.push({ name, initName: init.name, durationMs });
  }
  return segments;
}

async function cut(path: string, bytes: number, salvage: Salvage): Promise<void> {
  await salvage(path, { isCut: true });
  await using file = await openPlain(path, 'change');
  await file.truncate(bytes);
}

/** The init of a segment that no playlist names: that of the next encoder run once time starts over or the file is younger. */
async function laterInit(
  path: string,
  { inits, init, isBackwards }: { inits: readonly Init[]; init: Init; isBackwards: boolean },
): Promise<Init> {
  const next = inits[inits.indexOf(init) + 1];
  if (!next) return init;
  return isBackwards || (await stat(path)).mtimeMs >= next.modifiedMs ? next : init;
}

/** Every file of the clip, as the recorder describes them: each init where it begins to apply, then what lies beside the video. */
export async function describeFiles(folder: string, segments: readonly PlayableSegment[]): Promise<ClipFile[]> {
  const files: ClipFile[] = [];
  let startMs = 0;
  for (const [i, { name, initName, durationMs }] of segments.entries()) {
    if (initName !== segments[i - 1]?.initName)
      files.push(await describeFile(folder, { name: initName, startMs, durationMs: 0 }));
    files.push(await describeFile(folder, { name, startMs, durationMs }));
    startMs += durationMs;
  }
  const names = new Set(await plainNamesIn(folder));
  for (const name of BESIDE.filter((one) => names.has(one))) {
    files.push(await describeFile(folder, { name, startMs: 0, durationMs: 0 }));
  }
  return files;
}

async function describeFile(
  folder: string,
  { name, startMs, durationMs }: Pick<ClipFile, 'name' | 'startMs' | 'durationMs'>,
): Promise<ClipFile> {
  const path = join(folder, name);
  const { size } = await stat(path);
  return { name, bytes: size, sha256: await hashFile(path), startMs: Math.round(startMs), durationMs: Math.round(durationMs) };
}
