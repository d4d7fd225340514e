/**
 * manifest.mpd, and single tracks of init files and segments for its players. Of each period the first segment is read: it says
 * at which media time the period begins.
 */
import { createHash } from 'node:crypto';
import { Mp4Error } from '../../media/fmp4/boxes.ts';
import { codecOf, sizeOf } from '../../media/fmp4/codecs.ts';
import { type DashPeriod, type DashTrack, dashManifest, dashRuns } from '../../media/dash-manifest.ts';
import type { IndexedSegment, VirtualFile } from '../../media/fmp4/virtual-mp4.ts';
import { initOfTrack, segmentOfTrack } from '../../media/fmp4/one-track.ts';
import { sum } from '../../media/fmp4/runs.ts';
import { type InitTrack, readTracks } from '../../media/fmp4/tracks.ts';
import { type ListedSegment, parsePlaylist } from '../../media/hls-playlist.ts';
import { MAX_INIT_BYTES } from '../../media/file-bounds.ts';
import { checkedNames } from './clip-films.ts';
import { bytesOf, realPathOf } from '../files.ts';
import { indexSegment } from './segment-index.ts';

export async function manifestOf(folder: string, playlist: string, nowAtMs: number): Promise<string> {
  const { segments, hasEnded } = parsePlaylist(playlist);
  checkedNames(segments);
  const periods: DashPeriod[] = [];
  for (const run of dashRuns(segments)) periods.push({ segments: run, tracks: await tracksOf(folder, run) });
  const isIndependent = playlist.includes('#EXT-X-INDEPENDENT-SEGMENTS');
  return dashManifest({ periods, hasEnded, isIndependent, nowAtMs });
}

/** One track of a file of the clip, which holds several. */
export async function trackFile(folder: string, name: string, track: { id: number; initName: string }) {
  const file = name.endsWith('.mp4')
    ? initOfTrack(await bytesOf({ root: folder, name }, MAX_INIT_BYTES), track.id)
    : segmentOfTrack(
        await indexSegment(await realPathOf(folder, name), name, await initTracks(folder, track.initName)),
        track.id,
      );
  return { ...file, etag: etagOf(name, file) };
}

function etagOf(name: string, { head, totalBytes }: VirtualFile): string {
  const hash = createHash('sha256').update(head).digest('base64url');
  return `"${name}-${totalBytes}-${hash.slice(0, 16)}"`;
}

async function initTracks(folder: string, initName: string): Promise<InitTrack[]> {
  return readTracks(await bytesOf({ root: folder, name: initName }, MAX_INIT_BYTES));
}

async function tracksOf(folder: string, segments: readonly ListedSegment[]): Promise<DashTrack[]> {
  const [first] = segments;
  if (first?.initName === undefined) throw new Mp4Error('its playlist names no init file');
  const inits = await initTracks(folder, first.initName);
  const indexed = await indexSegment(await realPathOf(folder, first.name), first.name, inits);
  const known = inits.filter(({ kind }) => kind === 'vide' || kind === 'soun');
  const video = known.find(({ kind }) => kind === 'vide');
  const startS = video ? startTicksOf(video, indexed) / video.ticksPerSecond : 0;
  return known.map((init) => trackOf(init, { startS, bitsPerSecond: rateOf(init, indexed, first.durationMs) }));
}

/** Presentation time of the track's first sample. */
function startTicksOf({ id, mediaStartTicks }: InitTrack, { runs }: IndexedSegment): number {
  const run = runs.find(({ trackId }) => trackId === id);
  return (run?.startTicks ?? 0) + (run?.samples[0]?.offsetTicks ?? 0) - mediaStartTicks;
}

function rateOf({ id }: InitTrack, { runs }: IndexedSegment, durationMs: number): number {
  const bytes = runs.filter(({ trackId }) => trackId === id).reduce((total, { samples }) => total + sum(samples, 'bytes'), 0);
  return (bytes * 8000) / durationMs;
}

function trackOf(init: InitTrack, { startS, bitsPerSecond }: { startS: number; bitsPerSecond: number }): DashTrack {
  const [entry] = init.descriptions;
  if (!entry) throw new Mp4Error('Expected a sample entry in the init file but found none');
  const { id, ticksPerSecond } = init;
  const startTicks = Math.max(0, Math.round(startS * ticksPerSecond));
  const shared = { id, codec: codecOf(entry), ticksPerSecond, startTicks, bitsPerSecond };
  return init.kind === 'vide'
    ? { ...shared, kind: 'video', ...sizeOf(entry) }
    : { ...shared, kind: 'audio', sampleRate: ticksPerSecond };
}
