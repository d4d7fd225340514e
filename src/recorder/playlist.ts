/**
 * Segments as they are closed → the playlist that players get, while the clip grows and afterwards. Each segment carries the wall
 * time of its capture.
 */
import { isSegment } from '../media/clip-files.ts';
import { playlistText } from '../media/hls-playlist.ts';

export interface Segment {
  readonly name: string;
  /** a change of it means another encoder run: DISCONTINUITY and a new MAP */
  readonly initName: string;
  readonly durationMs: number;
  readonly atMs: number;
}

export interface PlaylistShape {
  readonly header: readonly string[];
  readonly hasEnded: boolean;
}

export function playlistOf(segments: readonly Segment[], { header, hasEnded }: PlaylistShape): string {
  const isNewRun = ({ initName }: Segment, i: number): boolean => i > 0 && initName !== segments[i - 1]?.initName;
  return playlistText({
    header,
    segments: segments.map((segment, i) => ({ ...segment, isDiscontinuity: isNewRun(segment, i) })),
    hasEnded,
  });
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
      const isNew = isSegment(line) && line !== this.#last;
      if (!isNew) continue;
      this.#last = line;
      names.push(line);
    }
    return names;
  }
}
