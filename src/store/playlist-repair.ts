/**
 * What a crash left of index.m3u8, and the segments that are really there → the playlist of a closed clip. Pure. What the
 * recorder wrote (durations, times, its header) is kept; what landed after its last write is appended; what is not playable
 * is not listed. DESIGN.md §3 gives the header; RFC 8216 the tags.
 */
/** A segment that can be played, in the order of the clip. */
export interface PlayableSegment {
  readonly name: string;
  readonly init: string;
  readonly durationMs: number;
}

export interface ListedSegment {
  readonly name: string;
  readonly init: string | undefined;
  readonly durationMs: number;
  readonly atMs: number | undefined;
  readonly isDiscontinuity: boolean;
}

export interface ParsedPlaylist {
  /** lines of the header, without the map; empty where there is no usable one */
  readonly header: readonly string[];
  readonly listed: readonly ListedSegment[];
}

/** What stands before the name of a segment. */
interface Tags {
  durationMs?: number;
  atMs?: number;
  isDiscontinuity?: boolean;
}

const TARGET = /^#EXT-X-TARGETDURATION:(\d+)$/;

/** Reads as far as the text goes: a torn last entry is left out. */
export function parsePlaylist(text: string): ParsedPlaylist {
  const header: string[] = [];
  const listed: ListedSegment[] = [];
  let init: string | undefined;
  let next: Tags = {};
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('#EXT-X-MAP:')) {
      init = /URI="([^"]*)"/.exec(line)?.[1];
    } else if (line.startsWith('#EXTINF:')) {
      next.durationMs = Number.parseFloat(line.slice('#EXTINF:'.length)) * 1000;
    } else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      next.atMs = Date.parse(line.slice('#EXT-X-PROGRAM-DATE-TIME:'.length));
    } else if (line === '#EXT-X-DISCONTINUITY') {
      next.isDiscontinuity = true;
    } else if (line !== '' && !line.startsWith('#')) {
      listed.push(listedSegment(line, init, next));
      next = {};
    } else if (line !== '' && line !== '#EXT-X-ENDLIST' && listed.length === 0) {
      header.push(line);
    }
  }
  const isUsable = header[0] === '#EXTM3U' && header.some((line) => TARGET.test(line));
  return { header: isUsable ? header : [], listed };
}

/** The closed playlist. `firstAtMs` dates the clip where the old text does not. */
export function repairPlaylist(old: ParsedPlaylist, segments: readonly PlayableSegment[], firstAtMs?: number): string {
  const byName = new Map(old.listed.map((listed) => [listed.name, listed]));
  const lines = headerOf(old.header, segments);
  let before: PlayableSegment | undefined;
  let atMs: number | undefined = firstAtMs;
  for (const segment of segments) {
    const listed = byName.get(segment.name);
    const hasNewInit = segment.init !== before?.init;
    const isBreak = before !== undefined && (hasNewInit || listed?.isDiscontinuity || !follows(before.name, segment.name));
    if (isBreak) lines.push('#EXT-X-DISCONTINUITY');
    if (hasNewInit) lines.push(`#EXT-X-MAP:URI="${segment.init}"`);
    // The time of a segment is known where the recorder said it, or where nothing is missing since it last did.
    const knownAtMs: number | undefined = listed?.atMs ?? (isBreak ? undefined : atMs);
    if (knownAtMs !== undefined) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(knownAtMs).toISOString()}`);
    lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(6)},`, segment.name);
    atMs = knownAtMs === undefined ? undefined : knownAtMs + segment.durationMs;
    before = segment;
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}

/** `00007.m4s` → 7; the order of segments, and how a hole in it is seen. */
export function numberOf(name: string): number {
  return Number.parseInt(name, 10);
}

function follows(before: string, name: string): boolean {
  return numberOf(name) === numberOf(before) + 1;
}

function listedSegment(name: string, init: string | undefined, next: Tags): ListedSegment {
  const { durationMs = Number.NaN, atMs, isDiscontinuity = false } = next;
  return { name, init, durationMs, atMs: Number.isNaN(atMs) ? undefined : atMs, isDiscontinuity };
}

/** The old header with a target duration that holds for every segment, or a new one. */
function headerOf(old: readonly string[], segments: readonly PlayableSegment[]): string[] {
  const longestSeconds = Math.max(1, ...segments.map(({ durationMs }) => Math.round(durationMs / 1000)));
  if (old.length === 0) {
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      `#EXT-X-TARGETDURATION:${longestSeconds}`,
      '#EXT-X-PLAYLIST-TYPE:EVENT',
      '#EXT-X-START:TIME-OFFSET=0,PRECISE=YES',
      '#EXT-X-INDEPENDENT-SEGMENTS',
    ];
  }
  return old.map((line) => {
    const targetSeconds = Number(TARGET.exec(line)?.[1] ?? Number.NaN);
    return targetSeconds < longestSeconds ? `#EXT-X-TARGETDURATION:${longestSeconds}` : line;
  });
}
