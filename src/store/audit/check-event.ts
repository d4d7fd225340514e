/**
 * One closed event: its event.json against its folder. Names and sizes, the playlist against the segments, and, where asked to look
 * deeper, every byte, read once: SHA-256, the boxes of every segment, and whether players can show the clip. Reads only; links are
 * named, not followed.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import { readPlain, readPlainText, UnfitFile, unfitnessOf } from '../../lib/plain-file.ts';
import { isVideo, PLAYLIST_NAME, RECORD_NAME } from '../../media/clip-files.ts';
import { MAX_PLAYLIST_BYTES } from '../../media/file-bounds.ts';
import { sourceOf } from '../../media/fmp4/byte-source.ts';
import { parsePlaylist, type Playlist } from '../../media/hls-playlist.ts';
import type { ClipFile } from '../../messages/clip.ts';
import type { EventRecord } from '../../messages/event.ts';
import { isIntact } from '../ledger/chain.ts';
import { ClipReading } from './clip-reading.ts';
import type { Finding, FindingKind } from './finding.ts';
import { hashFile, readingFrom } from '../recovery/segment.ts';

const DURATION_TOLERANCE_MS = 50;
/** A larger file is hashed as it streams by, and looked into afterwards: many events are read at a time. */
const MAX_HELD_BYTES = 8_388_608;

export interface CheckedEvent {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly bytes: number;
}

export async function checkEvent(folder: string, record: EventRecord, { isDeep }: { isDeep: boolean }): Promise<CheckedEvent> {
  const findings: Finding[] = [];
  const { camera, id } = record;
  const say = (kind: FindingKind, sentence: string, file?: string): void => {
    findings.push({ kind, camera, id, ...(file === undefined ? {} : { file }), sentence });
  };
  if (!isIntact(record)) say('edited event', 'event.json does not say any more what its link in the chain covers', RECORD_NAME);
  for (const name of await strayFiles(folder, record)) say('stray file', 'belongs to no clip', name);
  const whole = new Set<string>();
  const reading = isDeep ? new ClipReading() : undefined;
  for (const file of ClipReading.inOrder(record.files)) {
    const [kind, sentence] = (await faultOf(join(folder, file.name), file, reading)) ?? [];
    if (kind === undefined || sentence === undefined) whole.add(file.name);
    else say(kind, sentence, file.name);
  }
  if (record.state === 'ready') for (const fault of await clipFaults(folder, record, { whole, reading })) say(...fault);
  return sumsOf(record, findings);
}

type Fault = readonly [kind: FindingKind, sentence: string, file: string];

async function clipFaults(
  folder: string,
  record: EventRecord,
  { whole, reading }: { whole: ReadonlySet<string>; reading: ClipReading | undefined },
): Promise<Fault[]> {
  if (!whole.has(PLAYLIST_NAME)) {
    const isListed = record.files.some(({ name }) => name === PLAYLIST_NAME);
    return isListed ? [] : [['playlist', 'event.json lists no playlist', PLAYLIST_NAME]];
  }
  let text = reading?.playlist;
  try {
    text ??= await readPlainText(join(folder, PLAYLIST_NAME), MAX_PLAYLIST_BYTES);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [['playlist', sentenceOf(error), PLAYLIST_NAME]];
  }
  const playlist = parsePlaylist(text);
  const faults = playlistFaults(playlist, record).map((sentence): Fault => ['playlist', sentence, PLAYLIST_NAME]);
  if (!reading) return faults;
  return [...faults, ...videoFaults(reading, whole.size === record.files.length && faults.length === 0)];
}

/** What is missing or torn keeps a clip from being shown anyway: that is said first, and mended first. */
function videoFaults({ torn, problems }: ClipReading, isWhole: boolean): Fault[] {
  if (torn.size > 0) return Array.from(torn, (name) => ['torn segment', 'its boxes do not fill the file', name]);
  return isWhole ? problems.map(({ file, sentence }) => ['not conformant', sentence, file]) : [];
}

function sumsOf({ files }: EventRecord, findings: readonly Finding[]): CheckedEvent {
  return { findings, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Names of files that only a clip has, and this one does not know; other names are somebody else's business. */
export async function strayFiles(folder: string, { files }: Pick<EventRecord, 'files'>): Promise<string[]> {
  const listed = new Set(files.map(({ name }) => name));
  return (await readdir(folder)).filter((name) => (isVideo(name) || name.endsWith('.tmp')) && !listed.has(name));
}

async function faultOf(
  path: string,
  file: ClipFile,
  reading: ClipReading | undefined,
): Promise<[FindingKind, string] | undefined> {
  try {
    const unfit = await unfitnessOf(path);
    if (unfit) return ['missing file', unfit.sentence];
    const stat = await lstat(path);
    if (stat.size !== file.bytes) return ['wrong size', `${file.bytes} bytes expected, ${stat.size} there`];
    if (reading && !(await isUnchanged(path, file, reading)))
      return ['wrong content', 'its SHA-256 is not the one that was recorded'];
    return undefined;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return codeOf(error) === 'ENOENT' ? ['missing file', 'is not there'] : ['missing file', sentenceOf(error)];
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof UnfitFile ? error.sentence : `cannot be read (${codeOf(error)})`;
}

async function isUnchanged(path: string, { name, bytes, sha256 }: ClipFile, reading: ClipReading): Promise<boolean> {
  if (bytes > MAX_HELD_BYTES) {
    if ((await hashFile(path)) !== sha256) return false;
    await readingFrom(path, async (source) => await reading.take(name, source));
    return true;
  }
  const held = await readPlain(path, MAX_HELD_BYTES);
  if (createHash('sha256').update(held).digest('hex') !== sha256) return false;
  await reading.take(name, sourceOf(held));
  return true;
}

function playlistFaults(playlist: Playlist, { files, durationMs }: EventRecord): string[] {
  const faults: string[] = [];
  if (!playlist.hasEnded) faults.push('does not end with EXT-X-ENDLIST');
  const listed = new Set(playlist.segments.flatMap(({ name, initName }) => [name, initName]));
  const known = new Set(files.map(({ name }) => name));
  for (const name of listed)
    if (name !== undefined && !known.has(name)) faults.push(`lists ${name}, which event.json does not know`);
  for (const name of known) if (isVideo(name) && !listed.has(name)) faults.push(`does not list ${name}`);
  const lastsMs = playlist.segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  if (durationMs !== undefined && !(Math.abs(lastsMs - durationMs) <= DURATION_TOLERANCE_MS)) {
    faults.push(`lasts ${Math.round(lastsMs)} ms, event.json says ${Math.round(durationMs)} ms`);
  }
  return faults;
}
