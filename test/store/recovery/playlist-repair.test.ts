import { describe, expect, it } from 'vitest';
import { parsePlaylist } from '../../../src/media/hls-playlist.ts';
import { repairPlaylist } from '../../../src/store/recovery/playlist-repair.ts';

const HEADER = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:1
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-START:TIME-OFFSET=0,PRECISE=YES
#EXT-X-INDEPENDENT-SEGMENTS
`;
const FIRST = `#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:00.000Z
#EXTINF:1.000000,
00000.m4s
`;
const segment = (n: number, initName = 'init.mp4', durationMs = 1000) => ({ name: `0000${n}.m4s`, initName, durationMs });

describe('repairPlaylist', () => {
  it('keeps what was listed, appends what landed, and ends', () => {
    expect(repairPlaylist(parsePlaylist(HEADER + FIRST), [segment(0), segment(1, 'init.mp4', 433.3)])).toBe(
      `${HEADER}${FIRST}#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:01.000Z\n#EXTINF:0.433300,\n00001.m4s\n#EXT-X-ENDLIST\n`,
    );
  });

  it('makes a whole one where there is none, dated where the start is known, without a word about key frames', () => {
    expect(repairPlaylist(parsePlaylist(''), [segment(0)], Date.UTC(2026, 10, 20, 10))).toBe(
      `${HEADER.replace(/#EXT-X-INDEPENDENT.*\n/, '')}${FIRST}#EXT-X-ENDLIST\n`,
    );
    expect(repairPlaylist(parsePlaylist(''), [segment(0)])).not.toContain('DATE-TIME');
  });

  it('marks a new init and a hole as discontinuities', () => {
    const text = repairPlaylist(parsePlaylist(HEADER + FIRST), [
      segment(0),
      segment(2),
      segment(3, 'init-1.mp4'),
      segment(4, 'init-1.mp4'),
    ]);
    expect(text.slice((HEADER + FIRST).length)).toBe(`#EXT-X-DISCONTINUITY
#EXTINF:1.000000,
00002.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1.mp4"
#EXTINF:1.000000,
00003.m4s
#EXTINF:1.000000,
00004.m4s
#EXT-X-ENDLIST
`);
  });

  it('raises the target duration where a segment is longer', () => {
    expect(repairPlaylist(parsePlaylist(HEADER + FIRST), [segment(0), segment(1, 'init.mp4', 2600)])).toContain(
      'TARGETDURATION:3\n',
    );
  });

  it('is the same when done again', () => {
    const segments = [segment(0), segment(2), segment(3, 'init-1.mp4')];
    const once = repairPlaylist(parsePlaylist(HEADER + FIRST), segments);
    expect(repairPlaylist(parsePlaylist(once), segments)).toBe(once);
  });
});
