/**
 * What was written down of past events, and of candidates between them → the detection frames of one camera on one time axis, as
 * tracker and event machine saw them. Pure.
 *
 * Frames that nobody wrote down held no candidate: some empty ones are put in, so that hits which lie apart do not count as hits
 * in a row. What a clip's pre-roll shows of the event before is the same frame twice, and counts once.
 */
import type { TrackLine } from '../messages/clip.ts';
import type { DetectedFrame, Detection } from '../messages/detection.ts';

/** One detection frame at a wall time. */
export interface Moment {
  readonly atMs: number;
  readonly detections: readonly Detection[];
  readonly isSpared: boolean;
  readonly isUnsettled: boolean;
}

export interface WrittenClip {
  /** wall time of the clip's first frame */
  readonly beginAtMs: number;
  readonly label: string;
  readonly lines: readonly TrackLine[];
}

/** Rules whose candidates must not be played again: of another class, or told of twice. */
const NOT_AGAIN: ReadonlySet<string> = new Set(['label', 'zone']);
const USUAL_SLOT_MS = 200;

export function momentsOf({ beginAtMs, label, lines }: WrittenClip): Moment[] {
  return lines.map(({ ptsMs, tracks, rejected, isRepeat: isSpared = false }) => {
    const again = rejected.filter(({ rule }) => !NOT_AGAIN.has(rule));
    return {
      atMs: beginAtMs + ptsMs,
      detections: isSpared
        ? []
        : [
            ...tracks.map((track): Detection => ({ label: track.label, score: track.score, box: track.box })),
            ...again.map(({ score, box }): Detection => ({ label, score, box })),
          ],
      isSpared,
      isUnsettled: rejected.some(({ rule }) => rule === 'settle'),
    };
  });
}

/** `window`: of the rule that confirms; that many empty frames forget whatever hits came before. */
export function framesOf(moments: readonly Moment[], { window }: { window: number }): DetectedFrame[] {
  const sorted = moments.toSorted((a, b) => a.atMs - b.atMs);
  const slotMs = slotOf(sorted);
  const frames: DetectedFrame[] = [];
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const moment of sorted) {
    const slots = Math.round((moment.atMs - beforeMs) / slotMs);
    if (slots < 1) continue;
    const empty = Number.isFinite(slots) ? Math.min(slots - 1, window) : 0;
    for (let i = 1; i <= empty; i++) frames.push(frameOf({ ...NOTHING, atMs: beforeMs + i * slotMs }));
    frames.push(frameOf(moment));
    beforeMs = moment.atMs;
  }
  return frames;
}

const NOTHING = { detections: [], isSpared: false, isUnsettled: false };

/** On this axis media time is wall time. */
function frameOf({ atMs, detections, isSpared, isUnsettled }: Moment): DetectedFrame {
  return { slot: 0, ptsMs: atMs, atMs, arrivedNowMs: 0, latencyMs: 0, detections, isSpared, isUnsettled };
}

/** The distance that is usual between neighbours. */
function slotOf(sorted: readonly Moment[]): number {
  const gaps = sorted
    .slice(1)
    .map(({ atMs }, i) => atMs - (sorted[i]?.atMs ?? atMs))
    .filter((gapMs) => gapMs >= 20 && gapMs <= 2000)
    .sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? USUAL_SLOT_MS;
}
