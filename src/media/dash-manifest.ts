/**
 * A clip's segments → its DASH manifest (ISO/IEC 23009-1, live profile): static once closed, dynamic while it grows. A period
 * begins where decoders start anew. Pure.
 */
import { DASH_SEGMENT_NAME, segmentNumber } from './clip-files.ts';
import type { ListedSegment } from './hls-playlist.ts';

export interface DashTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** RFC 6381 */
  readonly codec: string;
  readonly ticksPerSecond: number;
  /** media time at which the period begins */
  readonly startTicks: number;
  readonly bitsPerSecond: number;
  /** of video */
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** of audio */
  readonly sampleRate?: number;
}

/** Segments of one init whose numbers follow each other. */
export interface DashPeriod {
  readonly segments: readonly ListedSegment[];
  /** where there are several, each is asked for by itself: `?track=1` */
  readonly tracks: readonly DashTrack[];
}

export interface DashClip {
  readonly periods: readonly DashPeriod[];
  readonly hasEnded: boolean;
  /** every segment begins with a key frame */
  readonly isIndependent: boolean;
  /** wall time of the recorder; players take it for their clock while the clip grows */
  readonly nowAtMs: number;
}

/** How far behind the newest segment a player stays: a segment of a second, and the time until it is listed. */
const DELAY_S = 3;

/** Where an init ends and another begins, and where a number is missing. */
export function dashRuns(segments: readonly ListedSegment[]): ListedSegment[][] {
  const runs: ListedSegment[][] = [];
  for (const segment of segments) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    const doesFollow =
      before?.initName === segment.initName &&
      !segment.isDiscontinuity &&
      segmentNumber(segment.name) === segmentNumber(before?.name ?? '') + 1;
    if (last && doesFollow) last.push(segment);
    else runs.push([segment]);
  }
  return runs;
}

export function dashManifest(clip: DashClip): string {
  const { periods, hasEnded, isIndependent, nowAtMs } = clip;
  const durationMs = periods.reduce((sum, { segments }) => sum + lengthMs(segments), 0);
  const firstAtMs = periods[0]?.segments[0]?.atMs ?? nowAtMs;
  const now = new Date(nowAtMs).toISOString();
  const pace = hasEnded
    ? `type="static" mediaPresentationDuration="${duration(durationMs)}"`
    : `type="dynamic" availabilityStartTime="${new Date(firstAtMs).toISOString()}" publishTime="${now}" ` +
      `minimumUpdatePeriod="PT1S" suggestedPresentationDelay="PT${DELAY_S}S"`;
  let startMs = 0;
  const texts = periods.map((period, i) => {
    const isLast = i === periods.length - 1;
    const text = periodText(period, { number: i, startMs, isGrowing: isLast && !hasEnded, isIndependent });
    startMs += lengthMs(period.segments);
    return text;
  });
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"',
    `  ${pace} minBufferTime="PT2S">`,
    ...texts,
    ...(hasEnded ? [] : [`  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="${now}"/>`]),
    '</MPD>',
  ].join('\n')}\n`;
}

interface PeriodOptions {
  readonly number: number;
  readonly startMs: number;
  readonly isGrowing: boolean;
  readonly isIndependent: boolean;
}

function periodText({ segments, tracks }: DashPeriod, { number, startMs, isGrowing, isIndependent }: PeriodOptions): string {
  const length = isGrowing ? '' : ` duration="${duration(lengthMs(segments))}"`;
  return [
    `  <Period id="${number}" start="${duration(startMs)}"${length}>`,
    ...tracks.map((track) => adaptationText(track, segments, { isOneOfMany: tracks.length > 1, isIndependent })),
    '  </Period>',
  ].join('\n');
}

function adaptationText(
  track: DashTrack,
  segments: readonly ListedSegment[],
  { isOneOfMany, isIndependent }: { isOneOfMany: boolean; isIndependent: boolean },
): string {
  const { id, kind, codec, ticksPerSecond, startTicks, bitsPerSecond, widthPx, heightPx, sampleRate } = track;
  const more = kind === 'video' ? ` width="${widthPx}" height="${heightPx}"` : ` audioSamplingRate="${sampleRate}"`;
  const sap = isIndependent ? ' startWithSAP="1"' : '';
  const query = isOneOfMany ? `?track=${id}` : '';
  const first = segments[0];
  return [
    `    <AdaptationSet id="${id}" contentType="${kind}" mimeType="${kind}/mp4" segmentAlignment="true"${sap}>`,
    `      <Representation id="${kind}-${id}" codecs="${codec}" bandwidth="${Math.max(1, Math.round(bitsPerSecond))}"${more}>`,
    `        <SegmentTemplate timescale="${ticksPerSecond}" presentationTimeOffset="${startTicks}"`,
    `          initialization="${first?.initName ?? ''}${query}" media="${DASH_SEGMENT_NAME}${query}" startNumber="${segmentNumber(first?.name ?? '') || 0}">`,
    '          <SegmentTimeline>',
    ...timelineOf(segments, track).map((line) => `            ${line}`),
    '          </SegmentTimeline>',
    '        </SegmentTemplate>',
    '      </Representation>',
    '    </AdaptationSet>',
  ].join('\n');
}

/** Equal durations in a row are one line. Times are rounded where they begin, so nothing adds up. */
function timelineOf(segments: readonly ListedSegment[], { ticksPerSecond, startTicks }: DashTrack): string[] {
  const toTicks = (ms: number): number => Math.round((ms * ticksPerSecond) / 1000);
  const runs: { t: number; d: number; r: number }[] = [];
  let atMs = 0;
  for (const { durationMs } of segments) {
    const t = startTicks + toTicks(atMs);
    const d = startTicks + toTicks(atMs + durationMs) - t;
    const last = runs.at(-1);
    if (last?.d === d) last.r += 1;
    else runs.push({ t, d, r: 0 });
    atMs += durationMs;
  }
  return runs.map(({ t, d, r }) => `<S t="${t}" d="${d}"${r > 0 ? ` r="${r}"` : ''}/>`);
}

function lengthMs(segments: readonly ListedSegment[]): number {
  return segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function duration(ms: number): string {
  return `PT${(ms / 1000).toFixed(3)}S`;
}
