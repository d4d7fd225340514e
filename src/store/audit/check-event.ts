/**
 * One closed event: its event.json against its folder. Names and sizes, the playlist against the segments, and, where asked to look
 * deeper, every byte: SHA-256, and the boxes of every segment walked. Reads only; links are named, not followed.
 */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import { Mp4Error } from '../../media/fmp4/boxes.ts';
import { readInit } from '../../media/fmp4/timing.ts';
import { parsePlaylist, type Playlist } from '../../media/hls-playlist.ts';
import type { ClipFile } from '../../messages/clip.ts';
import type { EventRecord } from '../../messages/event.ts';
import { isIntact } from '../ledger/chain.ts';
import type { Finding, FindingKind } from './finding.ts';
import { hashFile, readSegment } from '../recovery/segment.ts';

const PLAYLIST = 'index.m3u8';
const VIDEO = /^(\d{1,8}\.m4s|init(-\d{1,4})?\.mp4)$/;
/** What a clip never leaves behind; other names are somebody else's business. */
const STRAY = /^(\d{1,8}\.m4s|init(-\d{1,4})?\.mp4)(\.tmp)?$|\.tmp$/;
const DURATION_TOLERANCE_MS = 50;

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
  if (!isIntact(record)) say('edited event', 'event.json does not say any more what its link in the chain covers', 'event.json');
  for (const name of await strayFiles(folder, record)) say('stray file', 'belongs to no clip', name);
  const whole = new Set<string>();
  for (const file of record.files) {
    const [kind, sentence] = (await faultOf(join(folder, file.name), file, isDeep)) ?? [];
    if (kind === undefined || sentence === undefined) whole.add(file.name);
    else say(kind, sentence, file.name);
  }
  if (record.state !== 'ready') return sumsOf(record, findings);
  if (whole.has(PLAYLIST)) {
    const playlist = parsePlaylist(await readFile(join(folder, PLAYLIST), 'utf8'));
    for (const sentence of playlistFaults(playlist, record)) say('playlist', sentence, PLAYLIST);
    if (isDeep)
      for (const name of await tornSegments(folder, { playlist, whole }))
        say('torn segment', 'its boxes do not fill the file', name);
  } else if (!record.files.some(({ name }) => name === PLAYLIST)) {
    say('playlist', 'event.json lists no playlist', PLAYLIST);
  }
  return sumsOf(record, findings);
}

function sumsOf({ files }: EventRecord, findings: readonly Finding[]): CheckedEvent {
  return { findings, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Names of files that only a clip has, and this one does not know. */
export async function strayFiles(folder: string, { files }: Pick<EventRecord, 'files'>): Promise<string[]> {
  const listed = new Set(files.map(({ name }) => name));
  return (await readdir(folder)).filter((name) => STRAY.test(name) && !listed.has(name));
}

async function faultOf(path: string, file: ClipFile, isDeep: boolean): Promise<[FindingKind, string] | undefined> {
  try {
    const stat = await lstat(path);
    if (!stat.isFile()) return ['missing file', 'a link or a folder is in its place'];
    if (stat.size !== file.bytes) return ['wrong size', `${file.bytes} bytes expected, ${stat.size} there`];
    if (isDeep && (await hashFile(path)) !== file.sha256)
      return ['wrong content', 'its SHA-256 is not the one that was recorded'];
    return undefined;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return codeOf(error) === 'ENOENT' ? ['missing file', 'is not there'] : ['missing file', `cannot be read (${codeOf(error)})`];
  }
}

function playlistFaults(playlist: Playlist, { files, durationMs }: EventRecord): string[] {
  const faults: string[] = [];
  if (!playlist.hasEnded) faults.push('does not end with EXT-X-ENDLIST');
  const listed = new Set(playlist.segments.flatMap(({ name, initName }) => [name, initName]));
  const known = new Set(files.map(({ name }) => name));
  for (const name of listed)
    if (name !== undefined && !known.has(name)) faults.push(`lists ${name}, which event.json does not know`);
  for (const name of known) if (VIDEO.test(name) && !listed.has(name)) faults.push(`does not list ${name}`);
  const lastsMs = playlist.segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  if (durationMs !== undefined && !(Math.abs(lastsMs - durationMs) <= DURATION_TOLERANCE_MS)) {
    faults.push(`lasts ${Math.round(lastsMs)} ms, event.json says ${Math.round(durationMs)} ms`);
  }
  return faults;
}

async function tornSegments(
  folder: string,
  { playlist, whole }: { playlist: Playlist; whole: ReadonlySet<string> },
): Promise<string[]> {
  const torn: string[] = [];
  for (const { name, initName } of playlist.segments) {
    if (initName === undefined || !whole.has(name) || !whole.has(initName)) continue;
    try {
      const { wholeBytes, fileBytes } = await readSegment(join(folder, name), readInit(await readFile(join(folder, initName))));
      if (wholeBytes !== fileBytes) torn.push(name);
    } catch (error) {
      if (!(error instanceof Mp4Error)) throw error;
      torn.push(initName);
    }
  }
  return [...new Set(torn)];
}
