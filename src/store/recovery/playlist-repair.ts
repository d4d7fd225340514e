/**
 * What a crash left of index.m3u8, and the segments that are really there → the playlist of a closed clip. Pure. What the
 * recorder wrote (durations, times, its header) is kept; what landed after its last write is appended; what is not playable
 * is not listed.
 */
import { segmentNumber } from '../../media/clip-files.ts';
import { type ListedSegment, type Playlist, playlistHeader, playlistText, withTarget } from '../../media/hls-playlist.ts';

/** A segment that can be played, in the order of the clip. */
export interface PlayableSegment {
  readonly name: string;
  readonly initName: string;
  readonly durationMs: number;
}

/** The closed playlist. `firstAtMs` dates the clip where the old text does not. */
export function repairPlaylist(old: Playlist, playable: readonly PlayableSegment[], firstAtMs?: number): string {
  const byName = new Map(old.segments.map((listed) => [listed.name, listed]));
  const segments: ListedSegment[] = [];
  let before: PlayableSegment | undefined;
  let atMs: number | undefined = firstAtMs;
  for (const segment of playable) {
    const listed = byName.get(segment.name);
    const isDiscontinuity =
      before !== undefined && (segment.initName !== before.initName || listed?.isDiscontinuity || !follows(before, segment));
    // The time of a segment is known where the recorder said it, or where nothing is missing since it last did.
    const knownAtMs: number | undefined = listed?.atMs ?? (isDiscontinuity ? undefined : atMs);
    segments.push({ ...segment, atMs: knownAtMs, isDiscontinuity });
    atMs = knownAtMs === undefined ? undefined : knownAtMs + segment.durationMs;
    before = segment;
  }
  return playlistText({ header: headerOf(old.header, segments), segments, hasEnded: true });
}

function follows(before: PlayableSegment, segment: PlayableSegment): boolean {
  return segmentNumber(segment.name) === segmentNumber(before.name) + 1;
}

/** The old header with a target duration that holds for every segment, or a new one, which does not know where key frames are. */
function headerOf(old: readonly string[], segments: readonly ListedSegment[]): string[] {
  const longestSeconds = Math.max(1, ...segments.map(({ durationMs }) => Math.round(durationMs / 1000)));
  return old.length === 0 ? playlistHeader(longestSeconds, { areIndependent: false }) : withTarget(old, longestSeconds);
}
