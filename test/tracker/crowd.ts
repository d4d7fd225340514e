/**
 * People whose numbers are known, as a detector would see them: boxes that jitter, scores that sink where somebody stands in
 * front, frames without an answer. Seeded, so that every run sees the same.
 */
import type { Detection } from '../../src/messages/detection.ts';
import type { Box } from '../../src/messages/video.ts';
import { iou } from '../../src/lib/iou.ts';
import type { Labelled } from './mot.ts';

export interface Walker {
  readonly id: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** top-left corner and size at a time */
  readonly at: (ms: number) => Box;
  /** how well the detector sees this one; default 0.7 */
  readonly score?: number;
  /** share of the frames in which the detector says nothing at all */
  readonly dropRate?: number;
  /** spans in which the detector sees them only faintly */
  readonly faint?: readonly (readonly [number, number])[];
}

export interface CrowdFrame {
  readonly ptsMs: number;
  readonly truth: readonly Labelled[];
  readonly detections: readonly Detection[];
}

const JITTER = 0.04;

export function crowd(walkers: readonly Walker[], { seed = 1, slotMs = 200, endMs = 20_000 } = {}): CrowdFrame[] {
  const random = mulberry32(seed);
  const frames: CrowdFrame[] = [];
  for (let ptsMs = 0; ptsMs < endMs; ptsMs += slotMs) {
    const here = walkers.filter(({ fromMs, toMs }) => ptsMs >= fromMs && ptsMs < toMs);
    const truth = here.map(({ id, at }) => ({ id, box: at(ptsMs) }));
    const detections: Detection[] = [];
    for (const walker of here) {
      const box = walker.at(ptsMs);
      // Whoever's feet are lower in the picture stands in front.
      const hidden = here
        .filter((other) => other.id !== walker.id && bottom(other.at(ptsMs)) > bottom(box))
        .reduce((most, other) => Math.max(most, covered(box, other.at(ptsMs))), 0);
      const drop = random();
      const isFaint = walker.faint?.some(([from, to]) => ptsMs >= from && ptsMs < to) === true;
      const score = (isFaint ? 0.18 : (walker.score ?? 0.7)) * (1 - hidden) + 0.06 * (random() - 0.5);
      const seen = jitter(box, random);
      if (score >= 0.1 && drop >= (walker.dropRate ?? 0)) detections.push({ label: 'person', score, box: seen });
    }
    frames.push({ ptsMs, truth: truth.filter(({ box }) => !isHidden(box, truth)), detections: suppressed(detections) });
  }
  return frames;
}

/** A straight walk: places in the picture, a time each. */
export function walk(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  { fromMs = 0, toMs = 20_000, size = [0.06, 0.2] as readonly [w: number, h: number] } = {},
): (ms: number) => Box {
  return (ms) => {
    const share = (ms - fromMs) / (toMs - fromMs);
    return { x: from[0] + (to[0] - from[0]) * share, y: from[1] + (to[1] - from[1]) * share, w: size[0], h: size[1] };
  };
}

/** What NMS leaves of them. */
function suppressed(detections: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const detection of detections.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some(({ box }) => iou(box, detection.box) > 0.6)) kept.push(detection);
  }
  return kept;
}

function isHidden(box: Box, truth: readonly Labelled[]): boolean {
  return truth.some((other) => other.box !== box && bottom(other.box) > bottom(box) && covered(box, other.box) > 0.7);
}

function covered(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? (w * h) / (a.w * a.h) : 0;
}

function bottom({ y, h }: Box): number {
  return y + h;
}

function jitter({ x, y, w, h }: Box, random: () => number): Box {
  const by = (): number => JITTER * 2 * (random() - 0.5);
  return { x: x + w * by(), y: y + h * by(), w: w * (1 + by()), h: h * (1 + by()) };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
