/** The detections of a frame → those that may be a hit, those that may be a trace, and the rest with the rule that said no. Pure. */
import type { CameraConfig } from '../config/config.ts';
import { footOf, isInside } from '../lib/polygon.ts';
import type { DetectedFrame, Detection, Rejected } from '../messages/detection.ts';

type Detect = CameraConfig['detect'];

/** What makes a detection a candidate; without limits, every one of the right label is. */
export type CandidateRules = Pick<Detect, 'labels' | 'minScore'> &
  Partial<Pick<Detect, 'minArea' | 'maxArea' | 'minAspect' | 'maxAspect' | 'ignore'>>;

/** Where nobody says: most cameras. */
const USUAL_ASPECT = 16 / 9;

export interface Sorted {
  /** at least minScore */
  readonly strong: Detection[];
  readonly weak: Detection[];
  /** with the weak ones, whatever becomes of them: a trace is no hit */
  readonly rejected: Rejected[];
}

export class CandidateFilter {
  readonly #rules: CandidateRules;

  constructor(rules: CandidateRules) {
    this.#rules = rules;
  }

  sort({ detections, pictureAspect = USUAL_ASPECT }: Pick<DetectedFrame, 'detections' | 'pictureAspect'>): Sorted {
    const sorted: Sorted = { strong: [], weak: [], rejected: [] };
    for (const detection of detections) {
      const { score, box } = detection;
      const rule = this.#refusedBy(detection, pictureAspect);
      if (rule !== undefined) sorted.rejected.push({ score, box, rule });
      if (rule === undefined) sorted.strong.push(detection);
      if (rule === 'minScore') sorted.weak.push(detection);
    }
    return sorted;
  }

  /** What the score says comes last: a weak detection that nothing else refuses may be a trace. */
  #refusedBy({ label, score, box }: Detection, pictureAspect: number): Rejected['rule'] | undefined {
    const { labels, minScore, ignore = [] } = this.#rules;
    const { minArea = 0, maxArea = 1, minAspect = 0, maxAspect = Number.POSITIVE_INFINITY } = this.#rules;
    if (!labels.includes(label)) return 'label';
    const area = box.w * box.h;
    if (area < minArea || area > maxArea) return 'area';
    const aspect = box.h > 0 ? (box.w * pictureAspect) / box.h : Number.POSITIVE_INFINITY;
    if (aspect < minAspect || aspect > maxAspect) return 'aspect';
    if (ignore.some((polygon) => isInside(footOf(box), polygon))) return 'ignore';
    return score < minScore ? 'minScore' : undefined;
  }
}
