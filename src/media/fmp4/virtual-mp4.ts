/**
 * A clip of fMP4 segments → the plain MP4 that holds the same samples, without copying one: the bytes of its head (`ftyp`, `moov`,
 * header of `mdat`), and which pieces of which files follow. `moov` comes first, so a player can begin and seek at once. Pure.
 *
 * Parts with an init of their own (another encoder run) become sample descriptions of their own where they differ.
 */
import { Mp4Error } from './boxes.ts';
import { VirtualTrack } from './virtual-track.ts';
import { moovOf } from './moov.ts';
import { type Run, sum } from './runs.ts';
import { type InitTrack, readTracks } from './tracks.ts';
import { makeBox, u32, u64List } from './write.ts';

/** Bytes of a file. */
export interface Piece {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

/** What was read of one segment. */
export interface IndexedSegment {
  readonly name: string;
  readonly runs: readonly Run[];
  /** contents of its mdat boxes */
  readonly media: readonly Pick<Piece, 'at' | 'bytes'>[];
}

/** Segments of one init, in order. */
export interface Mp4Part {
  readonly init: Buffer;
  readonly segments: readonly IndexedSegment[];
}

/** A file that is made when it is sent: these bytes, then those pieces. */
export interface VirtualFile {
  readonly head: Buffer;
  readonly pieces: readonly Piece[];
  readonly totalBytes: number;
}

export interface VirtualMp4 extends VirtualFile {
  readonly durationMs: number;
}

const MAX_SMALL_BYTES = 2 ** 32 - 2 ** 20;

/** Throws an Mp4Error where the segments hold no video, or not the bytes that they claim. */
export function virtualMp4Of(
  parts: readonly Mp4Part[],
  { createdAtMs }: { readonly createdAtMs?: number | undefined } = {},
): VirtualMp4 {
  const tracks = new Map<string, VirtualTrack>();
  const pieces: Piece[] = [];
  let mediaBytes = 0;
  for (const { init, segments } of parts) {
    const inits = readTracks(init);
    const shiftS = shiftOf(segments, inits, tracks);
    for (const segment of segments) {
      addSegment(segment, { inits, tracks, shiftS, mediaBytes });
      for (const { at, bytes } of segment.media) pieces.push({ name: segment.name, at, bytes });
      mediaBytes += segment.media.reduce((total, { bytes }) => total + bytes, 0);
    }
  }
  const used = [...tracks.values()].filter(({ samples }) => samples > 0);
  const video = used.find(({ source }) => source.kind === 'vide');
  if (!video) throw new Mp4Error('Expected video in the segments but found none');
  const head = headOf(used, { video, mediaBytes, createdAtMs });
  const durationMs = ((video.endTicks - video.firstTicks) * 1000) / video.ticksPerSecond;
  return { head, pieces, totalBytes: head.length + mediaBytes, durationMs };
}

interface Place {
  readonly inits: readonly InitTrack[];
  readonly tracks: Map<string, VirtualTrack>;
  readonly shiftS: number;
  /** media data before this segment */
  readonly mediaBytes: number;
}

function addSegment({ name, runs, media }: IndexedSegment, { inits, tracks, shiftS, mediaBytes }: Place): void {
  for (const run of runs) {
    const bytes = sum(run.samples, 'bytes');
    let before = mediaBytes;
    const piece = media.find(({ at, bytes: length }) => {
      const isHere = run.at >= at && run.at + bytes <= at + length;
      if (!isHere) before += length;
      return isHere;
    });
    if (!piece) throw new Mp4Error(`Expected the samples of ${name} inside its media data but they reach beyond it`);
    const init = initOf(run, inits);
    const key = keyOf(init, inits);
    const track = tracks.get(key) ?? new VirtualTrack(init);
    tracks.set(key, track);
    track.add(run, { init, at: before + run.at - piece.at, shiftS });
  }
}

function initOf(run: Run, inits: readonly InitTrack[]): InitTrack {
  const init = inits.find(({ id }) => id === run.trackId);
  if (!init) throw new Mp4Error(`Expected track ${run.trackId} in the init segment`);
  return init;
}

/** Tracks of several inits are one where they are of the same kind and place: the first video track, … */
function keyOf(init: InitTrack, inits: readonly InitTrack[]): string {
  return `${init.kind} ${inits.filter(({ kind }) => kind === init.kind).indexOf(init)}`;
}

/** A part whose time begins anew is moved behind the part before it, all of its tracks by as much. */
function shiftOf(segments: readonly IndexedSegment[], inits: readonly InitTrack[], tracks: Map<string, VirtualTrack>): number {
  const runs = segments[0]?.runs ?? [];
  const first = runs.find((run) => initOf(run, inits).kind === 'vide');
  if (!first) return 0;
  const init = initOf(first, inits);
  return tracks.get(keyOf(init, inits))?.overlapS(first, init) ?? 0;
}

interface HeadOptions {
  readonly video: VirtualTrack;
  readonly mediaBytes: number;
  readonly createdAtMs: number | undefined;
}

function headOf(tracks: readonly VirtualTrack[], { video, mediaBytes, createdAtMs }: HeadOptions): Buffer {
  const isLarge = mediaBytes > MAX_SMALL_BYTES;
  const ftyp = makeBox('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomiso2avc1mp41'));
  const mdat = isLarge
    ? Buffer.concat([u32(1), Buffer.from('mdat'), u64List([mediaBytes + 16])])
    : Buffer.concat([u32(mediaBytes + 8), Buffer.from('mdat')]);
  const originS = (video.shownTicks.from - video.source.mediaStartTicks) / video.ticksPerSecond;
  const options = { isLarge, createdAtMs, originS, ticksPerSecond: video.ticksPerSecond };
  // Its size does not depend on where the media data stands.
  const moovBytes = moovOf(tracks, { ...options, mediaAt: 0 }).length;
  const mediaAt = ftyp.length + moovBytes + mdat.length;
  return Buffer.concat([ftyp, moovOf(tracks, { ...options, mediaAt }), mdat]);
}
