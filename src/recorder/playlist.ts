/**
 * Segments <-> the playlist that players get, while the clip grows and afterwards (RFC 8216).
 *
 * EVENT: only ever appended to. START at 0: without it players open a growing clip at its live edge and never show the
 * pre-roll. TARGETDURATION is constant, as the RFC demands. Each segment carries the wall time of its capture.
 */
import { SEGMENT_MS } from '../../ffmpeg/hls.ts';

export interface Segment {
  readonly name: string;
  /** a change of it means another encoder run: DISCONTINUITY and a new MAP */
  readonly initName: string;
  readonly durationMs: number;
  readonly atMs: number;
}

export function playlistOf(segments: readonly Segment[], { hasEnded }: { readonly hasEnded: boolean }): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(SEGMENT_MS / 1000)}`,
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-START:TIME-OFFSET=0,PRECISE=YES',
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let initName: string | undefined;
  for (const segment of segments) {
    if (segment.initName !== initName) {
      if (initName !== undefined) lines.push('#EXT-X-DISCONTINUITY');
      lines.push(`#EXT-X-MAP:URI="${segment.initName}"`);
      initName = segment.initName;
    }
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.atMs)).toISOString()}`,
      `#EXTINF:${(segment.durationMs / 1000).toFixed(6)},`,
      segment.name,
    );
  }
  if (hasEnded) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

/** What a playlist lists, for checking one that was written. */
export interface Listed {
  readonly segments: readonly { readonly name: string; readonly durationMs: number }[];
  readonly initNames: readonly string[];
  readonly hasEnded: boolean;
}

export function readPlaylist(text: string): Listed {
  const segments: { name: string; durationMs: number }[] = [];
  const initNames: string[] = [];
  let durationMs = 0;
  for (const line of text.split('\n')) {
    const seconds = /^#EXTINF:([\d.]+)/.exec(line)?.[1];
    const initName = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line)?.[1];
    if (seconds !== undefined) durationMs = Number(seconds) * 1000;
    if (initName !== undefined) initNames.push(initName);
    if (line !== '' && !line.startsWith('#')) segments.push({ name: line, durationMs });
  }
  return { segments, initNames, hasEnded: /^#EXT-X-ENDLIST$/m.test(text) };
}

/** Reads ffmpeg's own playlist as it is printed again and again, and names each closed segment once. */
export class SegmentReport {
  #rest = '';
  #last: string | undefined;

  /** Takes a piece of stdout; returns the segments that it reports for the first time. */
  read(chunk: string): string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    const names: string[] = [];
    for (const line of lines) {
      const isNew = /^\d+\.m4s$/.test(line) && line !== this.#last;
      if (!isNew) continue;
      this.#last = line;
      names.push(line);
    }
    return names;
  }
}
