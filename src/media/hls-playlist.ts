/**
 * A clip of fMP4 segments <-> the text of its playlist (RFC 8216). Pure; what is written is read back as it was.
 *
 * EVENT: only ever appended to. START at 0: without it players open a growing clip at its live edge and never show the
 * pre-roll. TARGETDURATION stays what it was while the clip grows, as the RFC demands.
 */
export interface ListedSegment {
  readonly name: string;
  /** undefined only where a text that was read names none */
  readonly initName: string | undefined;
  /** NaN where a text that was read does not say */
  readonly durationMs: number;
  /** wall time of its first frame, where it is known */
  readonly atMs: number | undefined;
  /** decoders start anew here: another encoder run, or something is missing before it */
  readonly isDiscontinuity: boolean;
}

export interface Playlist {
  /** the lines before the first MAP; empty where a text that was read has no usable ones */
  readonly header: readonly string[];
  readonly segments: readonly ListedSegment[];
  readonly hasEnded: boolean;
}

/** What stands before the name of a segment. */
interface Tags {
  durationMs?: number;
  atMs?: number;
  isDiscontinuity?: boolean;
}

const TARGET = /^#EXT-X-TARGETDURATION:(\d+)$/;

/**
 * The header of a new playlist; no segment may last longer than the target, rounded to whole seconds. `areIndependent`: every
 * segment begins with a key frame.
 */
export function playlistHeader(targetSeconds: number, { areIndependent = true } = {}): string[] {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    targetLine(targetSeconds),
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-START:TIME-OFFSET=0,PRECISE=YES',
    ...(areIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
  ];
}

/** NaN where it does not say. */
export function targetSecondsOf(header: readonly string[]): number {
  return Number(header.map((line) => TARGET.exec(line)?.[1]).find((seconds) => seconds !== undefined) ?? Number.NaN);
}

/** What RFC 8216, 4.3.3.1 forbids, or a segment that does not say how long it lasts. */
export function isBeyondTarget({ durationMs }: Pick<ListedSegment, 'durationMs'>, targetSeconds: number): boolean {
  return !(Math.round(durationMs / 1000) <= targetSeconds);
}

/** The same header with a target duration of at least this. */
export function withTarget(header: readonly string[], atLeastSeconds: number): string[] {
  return header.map((line) => {
    const targetSeconds = Number(TARGET.exec(line)?.[1] ?? Number.NaN);
    return targetSeconds < atLeastSeconds ? targetLine(atLeastSeconds) : line;
  });
}

export function playlistText({ header, segments, hasEnded }: Playlist): string {
  const lines = [...header];
  let initName: string | undefined;
  for (const segment of segments) {
    if (segment.isDiscontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (segment.initName !== undefined && segment.initName !== initName) lines.push(`#EXT-X-MAP:URI="${segment.initName}"`);
    if (segment.atMs !== undefined) {
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.atMs)).toISOString()}`);
    }
    lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(6)},`, segment.name);
    initName = segment.initName;
  }
  if (hasEnded) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

/** Reads as far as the text goes: a torn last entry is left out. */
export function parsePlaylist(text: string): Playlist {
  const header: string[] = [];
  const segments: ListedSegment[] = [];
  let initName: string | undefined;
  let hasEnded = false;
  let next: Tags = {};
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('#EXT-X-MAP:')) {
      initName = /URI="([^"]*)"/.exec(line)?.[1];
    } else if (line.startsWith('#EXTINF:')) {
      next.durationMs = Number.parseFloat(line.slice('#EXTINF:'.length)) * 1000;
    } else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      next.atMs = Date.parse(line.slice('#EXT-X-PROGRAM-DATE-TIME:'.length));
    } else if (line === '#EXT-X-DISCONTINUITY') {
      next.isDiscontinuity = true;
    } else if (line === '#EXT-X-ENDLIST') {
      hasEnded = true;
    } else if (line !== '' && !line.startsWith('#')) {
      segments.push(listedSegment(line, initName, next));
      next = {};
    } else if (line !== '' && segments.length === 0) {
      header.push(line);
    }
  }
  const isUsable = header[0] === '#EXTM3U' && header.some((line) => TARGET.test(line));
  return { header: isUsable ? header : [], segments, hasEnded };
}

function targetLine(seconds: number): string {
  return `#EXT-X-TARGETDURATION:${seconds}`;
}

function listedSegment(name: string, initName: string | undefined, next: Tags): ListedSegment {
  const { durationMs = Number.NaN, atMs, isDiscontinuity = false } = next;
  return { name, initName, durationMs, atMs: Number.isNaN(atMs) ? undefined : atMs, isDiscontinuity };
}
