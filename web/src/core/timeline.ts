/** Detection lines + pre-roll -> what the bar under the video shows: spans of the clip, and people over time. Clip time. */
import type { TrackLine } from '../../../src/messages/clip.ts';

/** People out of view for less than this are still one visit on the bar. */
const JOIN_GAP_MS = 1500;

export interface Span {
  readonly kind: 'preRoll' | 'person' | 'empty' | 'postRoll';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ClipShape {
  readonly durationMs: number;
  readonly preRollMs: number;
  readonly lines: readonly TrackLine[];
  /** last sight of a person, where the lines do not say it */
  readonly lastSeenMs?: number | undefined;
  /** an open clip has no post-roll yet */
  readonly isOpen: boolean;
}

/** The whole clip, without holes, in order. */
export function spansOf(clip: ClipShape): readonly Span[] {
  const { durationMs } = clip;
  if (durationMs <= 0) return [];
  const seen = seenSpans(clip).filter(({ toMs, fromMs }) => toMs > fromMs);
  const spans: Span[] = [];
  let atMs = 0;
  for (const [i, { fromMs, toMs }] of seen.entries()) {
    if (fromMs > atMs) spans.push({ kind: i === 0 ? 'preRoll' : 'empty', fromMs: atMs, toMs: fromMs });
    spans.push({ kind: 'person', fromMs, toMs });
    atMs = toMs;
  }
  if (atMs < durationMs) {
    const kind = seen.length === 0 ? 'preRoll' : clip.isOpen ? 'empty' : 'postRoll';
    spans.push({ kind, fromMs: atMs, toMs: durationMs });
  }
  return spans;
}

function seenSpans({ durationMs, preRollMs, lines, lastSeenMs, isOpen }: ClipShape): { fromMs: number; toMs: number }[] {
  const within = (ms: number): number => Math.min(durationMs, Math.max(0, ms));
  if (!lines.some(({ tracks }) => tracks.length > 0)) {
    const untilMs = lastSeenMs ?? (isOpen ? durationMs : undefined);
    return untilMs === undefined ? [] : [{ fromMs: within(preRollMs), toMs: within(untilMs) }];
  }
  const intervalMs = typicalIntervalMs(lines);
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const { ptsMs, tracks } of lines) {
    if (tracks.length === 0) continue;
    const last = spans.at(-1);
    if (last && ptsMs - last.toMs <= JOIN_GAP_MS) last.toMs = within(ptsMs + intervalMs);
    else spans.push({ fromMs: within(ptsMs), toMs: within(ptsMs + intervalMs) });
  }
  return spans;
}

export interface CountStep {
  readonly atMs: number;
  readonly count: number;
}

/** People in view over time: one step per change, the first at 0. */
export function countSteps(lines: readonly TrackLine[]): readonly CountStep[] {
  const steps: CountStep[] = [{ atMs: 0, count: 0 }];
  for (const { ptsMs, tracks } of lines) {
    if (steps.at(-1)?.count !== tracks.length) steps.push({ atMs: ptsMs, count: tracks.length });
  }
  return steps;
}

/** The steps as the outline of an SVG area in a box of `width` × `height`; empty while nobody was seen. */
export function areaPath(
  steps: readonly CountStep[],
  { durationMs, width, height }: { readonly durationMs: number; readonly width: number; readonly height: number },
): string {
  const most = Math.max(0, ...steps.map(({ count }) => count));
  if (most === 0 || durationMs <= 0) return '';
  const xOf = (ms: number): number => Math.round((Math.min(ms, durationMs) / durationMs) * width);
  const yOf = (count: number): number => Math.round(height - (count / most) * height);
  const outline = steps.map(({ atMs, count }) => `H${xOf(atMs)}V${yOf(count)}`).join('');
  return `M0 ${height}${outline}H${width}V${height}Z`;
}

function typicalIntervalMs(lines: readonly TrackLine[]): number {
  const gaps = lines.slice(1).map(({ ptsMs }, i) => ptsMs - (lines[i]?.ptsMs ?? ptsMs));
  return gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 200;
}
