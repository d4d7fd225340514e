/** Times of day in a playlist that a camera which keeps time would not have made; players do not mind. */
import { parsePlaylist } from '../../../src/media/hls-playlist.ts';

/** What the clock of a camera may wander between two segments. */
const SLACK_MS = 50;

/** Without a discontinuity the clock goes on by the duration; with one, it does at least not go back. */
export function clockProblems(playlist: string): string[] {
  const { segments } = parsePlaylist(playlist);
  return segments.flatMap((segment, i) => {
    const before = segments[i - 1];
    if (before?.atMs === undefined || segment.atMs === undefined) return [];
    const offMs = segment.atMs - before.atMs - before.durationMs;
    const isWrong = segment.isDiscontinuity ? segment.atMs < before.atMs : Math.abs(offMs) > SLACK_MS;
    return isWrong ? [`${segment.name}: its time of day is ${Math.round(offMs)} ms off the segment before it`] : [];
  });
}
