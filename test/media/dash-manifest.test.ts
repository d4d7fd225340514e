import { describe, expect, it } from 'vitest';
import { dashManifest, type DashPeriod, dashRuns } from '../../src/media/dash-manifest.ts';
import type { ListedSegment } from '../../src/media/hls-playlist.ts';

const AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);
const VIDEO = {
  id: 1,
  kind: 'video',
  codec: 'avc1.64001f',
  ticksPerSecond: 15_360,
  startTicks: 0,
  bitsPerSecond: 800_000,
  widthPx: 1280,
  heightPx: 720,
} as const;
const AUDIO = {
  id: 2,
  kind: 'audio',
  codec: 'mp4a.40.2',
  ticksPerSecond: 48_000,
  startTicks: 0,
  bitsPerSecond: 64_000,
  sampleRate: 48_000,
} as const; // prettier-ignore

function listed(number: number, part: Partial<ListedSegment> = {}): ListedSegment {
  const name = `${String(number).padStart(5, '0')}.m4s`;
  return { name, initName: 'init.mp4', durationMs: 1000, atMs: AT_MS + number * 1000, isDiscontinuity: false, ...part };
}

function manifest(periods: readonly DashPeriod[], part: object = {}): string {
  return dashManifest({ periods, hasEnded: true, isIndependent: true, nowAtMs: AT_MS + 9000, ...part });
}

describe('dashManifest', () => {
  it('says what there is, when, and where', () => {
    const segments = [listed(0), listed(1), listed(2, { durationMs: 400 })];
    expect(manifest([{ segments, tracks: [VIDEO] }])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"
  type="static" mediaPresentationDuration="PT2.400S" minBufferTime="PT2S">
  <Period id="0" start="PT0.000S" duration="PT2.400S">
    <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <Representation id="video-1" codecs="avc1.64001f" bandwidth="800000" width="1280" height="720">
        <SegmentTemplate timescale="15360" presentationTimeOffset="0"
          initialization="init.mp4" media="$Number%05d$.m4s" startNumber="0">
          <SegmentTimeline>
            <S t="0" d="15360" r="1"/>
            <S t="30720" d="6144"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
`);
  });

  it('asks for each track by itself where a segment holds several', () => {
    const text = manifest([{ segments: [listed(0)], tracks: [VIDEO, AUDIO] }]);
    expect(text).toContain('initialization="init.mp4?track=1" media="$Number%05d$.m4s?track=1"');
    expect(text).toContain('media="$Number%05d$.m4s?track=2"');
    expect(text).toContain('contentType="audio" mimeType="audio/mp4"');
    expect(text).toContain('audioSamplingRate="48000"');
  });

  it('does not add up what is lost by rounding', () => {
    const segments = Array.from({ length: 300 }, (_, i) => listed(i, { durationMs: 1000 / 3 }));
    const lines = [...manifest([{ segments, tracks: [AUDIO] }]).matchAll(/<S t="(\d+)" d="(\d+)"(?: r="(\d+)")?\/>/g)];
    const [, t, d, r] = lines.at(-1)!;
    expect(Number(t) + Number(d) * (Number(r ?? 0) + 1)).toBe(100 * 48_000);
  });

  it('grows with the clock of the recorder while the event is open', () => {
    const text = manifest([{ segments: [listed(0)], tracks: [VIDEO] }], { hasEnded: false, isIndependent: false });
    expect(text).toContain('type="dynamic" availabilityStartTime="2026-11-20T14:02:00.000Z"');
    expect(text).toContain('<Period id="0" start="PT0.000S">');
    expect(text).toContain('<UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="2026-11-20T14:02:09.000Z"/>');
    expect(text).not.toContain('startWithSAP');
  });
});

describe('dashRuns', () => {
  it('begins a period at another init, at a discontinuity and where a number is missing', () => {
    const segments = [
      listed(0),
      listed(1),
      listed(2, { initName: 'init-1.mp4', isDiscontinuity: true }),
      listed(3, { initName: 'init-1.mp4', isDiscontinuity: true }),
      listed(5, { initName: 'init-1.mp4' }),
    ];
    expect(dashRuns(segments).map((run) => run.map(({ name }) => Number(name.slice(0, 5))))).toEqual([[0, 1], [2], [3], [5]]);
  });
});
