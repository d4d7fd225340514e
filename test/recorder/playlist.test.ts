import { describe, expect, it } from 'vitest';
import { playlistHeader } from '../../src/media/hls-playlist.ts';
import { playlistOf, SegmentReport } from '../../src/recorder/playlist.ts';

const AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);
const HEADER = playlistHeader(1);
const SEGMENTS = [
  { name: '00000.m4s', initName: 'init.mp4', durationMs: 1000, atMs: AT_MS },
  { name: '00001.m4s', initName: 'init.mp4', durationMs: 400, atMs: AT_MS + 1000.4 },
  { name: '00002.m4s', initName: 'init-1.mp4', durationMs: 1000, atMs: AT_MS + 1400 },
];

describe('playlistOf', () => {
  it('lists segments with their capture time, and says where another encoder went on', () => {
    expect(playlistOf(SEGMENTS, { header: HEADER, hasEnded: false })).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:1
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-START:TIME-OFFSET=0,PRECISE=YES
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:00.000Z
#EXTINF:1.000000,
00000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:01.000Z
#EXTINF:0.400000,
00001.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T14:02:01.400Z
#EXTINF:1.000000,
00002.m4s
`);
  });

  it('is only ever appended to', () => {
    const shorter = playlistOf(SEGMENTS.slice(0, 2), { header: HEADER, hasEnded: false });
    const longer = playlistOf(SEGMENTS, { header: HEADER, hasEnded: true });
    expect(longer.startsWith(shorter)).toBe(true);
    expect(longer.endsWith('00002.m4s\n#EXT-X-ENDLIST\n')).toBe(true);
  });
});

describe('SegmentReport', () => {
  const PRINTED =
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:1.000000,\n00000.m4s\n' +
    '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:0.333333,\n00001.m4s\n' +
    '#EXTM3U\n#EXTINF:0.333333,\n00001.m4s\n#EXT-X-ENDLIST\n';

  it('names each closed segment once', () => {
    expect(new SegmentReport().read(PRINTED)).toEqual(['00000.m4s', '00001.m4s']);
  });

  it('does not care where the pipe cuts the text', () => {
    const report = new SegmentReport();
    expect(PRINTED.split('').flatMap((letter) => report.read(letter))).toEqual(['00000.m4s', '00001.m4s']);
  });
});
