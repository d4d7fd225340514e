/**
 * Which picture stands for the event: the largest, surest, sharpest, whole person. The choice changes only when a picture is clearly
 * better, and at most once a second; a good one seen in between is remembered. Pure.
 */
import type { Track, TrackedFrame } from '../messages/detection.ts';
import type { Box } from '../messages/video.ts';

const CLEARLY_BETTER = 1.15;
const MIN_INTERVAL_MS = 1000;
/** A person cut by the border counts this much of a whole one. */
const CUT_SHARE = 0.6;
const BORDER = 0.005;
/** Of a person nobody measured: softer than any that was. */
const UNMEASURED = 0.01;

export interface Candidate {
  readonly slot: number;
  readonly ptsMs: number;
  readonly quality: number;
  readonly tracks: readonly Track[];
}

/** The frame as a candidate; undefined where no confirmed person is in it. */
export function candidateOf({ slot, ptsMs, tracks }: TrackedFrame): Candidate | undefined {
  const people = tracks.filter(({ isConfirmed, isSeen }) => isConfirmed && isSeen);
  if (people.length === 0) return undefined;
  return { slot, ptsMs, quality: Math.max(...people.map(qualityOf)), tracks: people };
}

/** A picture half as sharp stands for one 0.7 times as large. */
function qualityOf({ score, box, sharpness = UNMEASURED }: Track): number {
  return score * Math.sqrt(box.w * box.h) * Math.sqrt(sharpness) * (isCut(box) ? CUT_SHARE : 1);
}

/** The box touches the border of the picture. */
function isCut({ x, y, w, h }: Box): boolean {
  return x < BORDER || y < BORDER || x + w > 1 - BORDER || y + h > 1 - BORDER;
}

export class SnapshotChoice {
  #best: Candidate | undefined;
  #pending: Candidate | undefined;

  /** Returns the candidate to take a picture of now: this one, or a better one that had to wait. */
  offer(candidate: Candidate): Candidate | undefined {
    const known = Math.max((this.#best?.quality ?? 0) * CLEARLY_BETTER, this.#pending?.quality ?? 0);
    if (candidate.quality > known) this.#pending = candidate;
    const isTooSoon = this.#best !== undefined && candidate.ptsMs - this.#best.ptsMs < MIN_INTERVAL_MS;
    return isTooSoon ? undefined : this.takePending();
  }

  /** What still waits, when the event is over. */
  takePending(): Candidate | undefined {
    const taken = this.#pending;
    this.#best = taken ?? this.#best;
    this.#pending = undefined;
    return taken;
  }
}
