import { describe, expect, it } from 'vitest';
import { type ListedSegment, parsePlaylist, playlistHeader, playlistText, withTarget } from '../../src/media/hls-playlist.ts';

const AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);
const SEGMENTS: readonly ListedSegment[] = [
  { name: '00000.m4s', initName: 'init.mp4', durationMs: 1000, atMs: AT_MS, isDiscontinuity: false },
  { name: '00002.m4s', initName: 'init.mp4', durationMs: 400, atMs: undefined, isDiscontinuity: true },
  { name: '00003.m4s', initName: 'init-1.mp4', durationMs: 1000, atMs: AT_MS + 1400, isDiscontinuity: true },
];
const TEXT = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:1
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-START:TIME-OFFSET=0,PRECISE=YES
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:00.000Z
#EXTINF:1.000000,
00000.m4s
#EXT-X-DISCONTINUITY
#EXTINF:0.400000,
00002.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:01.400Z
#EXTINF:1.000000,
00003.m4s
`;

describe('playlistText', () => {
  it('maps each init where it begins, and says what is known of time', () => {
    expect(playlistText({ header: playlistHeader(1), segments: SEGMENTS, hasEnded: false })).toBe(TEXT);
  });

  it.each([true, false])('is read back as it was written (ended: %s)', (hasEnded) => {
    const playlist = { header: playlistHeader(1), segments: SEGMENTS, hasEnded };
    expect(parsePlaylist(playlistText(playlist))).toEqual(playlist);
  });
});

describe('parsePlaylist', () => {
  it('leaves a torn last entry out, and a header that is not one', () => {
    expect(parsePlaylist(`${TEXT}#EXTINF:1.0`).segments).toHaveLength(3);
    expect(parsePlaylist('#EXTM').header).toEqual([]);
    expect(parsePlaylist('')).toEqual({ header: [], segments: [], hasEnded: false });
  });
});

describe('withTarget', () => {
  it('raises the target where it is too low, and never lowers it', () => {
    expect(withTarget(playlistHeader(1), 3)).toEqual(playlistHeader(3));
    expect(withTarget(playlistHeader(3), 1)).toEqual(playlistHeader(3));
  });
});
