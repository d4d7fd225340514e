/** A clip's folder → what the conformance check takes, and what it and a stricter look at the clock find. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClipParts, conformanceProblems } from '../../../src/media/clip-conformance.ts';
import type { IndexedSegment } from '../../../src/media/fmp4/film.ts';
import { readTracks } from '../../../src/media/fmp4/tracks.ts';
import { type ListedSegment, parsePlaylist } from '../../../src/media/hls-playlist.ts';
import { indexSegment } from '../../../src/server/segment-index.ts';

export async function partsOfFolder(folder: string): Promise<ClipParts> {
  const playlist = await readFile(join(folder, 'index.m3u8'), 'utf8');
  const names = new Set(await readdir(folder));
  const inits = new Map<string, Buffer>();
  const segments = new Map<string, IndexedSegment>();
  for (const { name, initName } of parsePlaylist(playlist).segments) {
    if (initName === undefined || !names.has(initName) || !names.has(name)) continue;
    const init = inits.get(initName) ?? (await readFile(join(folder, initName)));
    inits.set(initName, init);
    segments.set(name, await indexSegment(join(folder, name), name, readTracks(init)));
  }
  return { playlist, inits, segments };
}

/** What the clock of a camera that keeps time may wander between two segments. */
const CLOCK_SLACK_MS = 50;

/** A line each; none of a clip that a camera in order made. */
export async function problemsOfFolder(folder: string): Promise<string[]> {
  const parts = await partsOfFolder(folder);
  const problems = conformanceProblems(parts).map(({ file, sentence }) => `${file}: ${sentence}`);
  return [...problems, ...clockProblems(parsePlaylist(parts.playlist).segments)];
}

/** Without a discontinuity the clock goes on by the duration; with one, it does at least not go back. */
function clockProblems(segments: readonly ListedSegment[]): string[] {
  return segments.flatMap((segment, i) => {
    const before = segments[i - 1];
    if (before?.atMs === undefined || segment.atMs === undefined) return [];
    const offMs = segment.atMs - before.atMs - before.durationMs;
    const isWrong = segment.isDiscontinuity ? segment.atMs < before.atMs : Math.abs(offMs) > CLOCK_SLACK_MS;
    return isWrong ? [`${segment.name}: its time of day is ${Math.round(offMs)} ms off the segment before it`] : [];
  });
}
