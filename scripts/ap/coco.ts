/**
 * Average precision of one class as COCO defines it: boxes of a picture are matched to the truth in the order of their scores,
 * at IoU 0.50, 0.55 … 0.95; precision is read at 101 points of recall. Crowds neither count nor harm. Pure.
 * Source of the rules: cocoapi, PythonAPI/pycocotools/cocoeval.py (area = all, maxDets = 100).
 */

/** Left, top, width, height, in any unit that all boxes share. */
export type Rect = readonly [number, number, number, number];

export interface Truth {
  readonly rect: Rect;
  readonly isCrowd: boolean;
}

export interface Found {
  readonly rect: Rect;
  readonly score: number;
}

export interface Picture {
  readonly truths: readonly Truth[];
  readonly found: readonly Found[];
}

export interface AveragePrecision {
  /** mean over IoU 0.50 … 0.95 */
  readonly ap: number;
  readonly ap50: number;
}

/** Computed as numpy's linspace does: 7 × 0.01 is a little more than a recall of 7 / 100, and the reference asks for that. */
const IOUS = Array.from({ length: 10 }, (_, i) => 0.5 + i * ((0.95 - 0.5) / 9));
const RECALLS = Array.from({ length: 101 }, (_, i) => i * 0.01);
const MAX_FOUND = 100;

export function averagePrecision(pictures: readonly Picture[]): AveragePrecision {
  const wanted = pictures.reduce((sum, { truths }) => sum + truths.filter(({ isCrowd }) => !isCrowd).length, 0);
  const byIou = IOUS.map((iou) =>
    precisionArea(
      pictures.flatMap((picture) => verdicts(picture, iou)),
      wanted,
    ),
  );
  return { ap: byIou.reduce((sum, value) => sum + value, 0) / byIou.length, ap50: byIou[0] ?? 0 };
}

interface Verdict {
  readonly score: number;
  readonly isRight: boolean;
}

/** Each box takes the best free truth that it overlaps enough, a real one before a crowd; those that take a crowd do not count. */
function verdicts({ truths, found }: Picture, iou: number): Verdict[] {
  const real = truths.filter(({ isCrowd }) => !isCrowd);
  const crowds = truths.filter(({ isCrowd }) => isCrowd);
  const taken = new Set<Truth>();
  const best = found.toSorted((a, b) => b.score - a.score).slice(0, MAX_FOUND);
  return best.flatMap(({ rect, score }) => {
    const match = bestMatch(rect, { truths: real.filter((truth) => !taken.has(truth)), iou });
    if (match) taken.add(match);
    else if (bestMatch(rect, { truths: crowds, iou })) return [];
    return [{ score, isRight: match !== undefined }];
  });
}

function bestMatch(rect: Rect, { truths, iou }: { truths: readonly Truth[]; iou: number }): Truth | undefined {
  let best: Truth | undefined;
  let bestIou = Math.min(iou, 1 - 1e-10);
  for (const truth of truths) {
    const value = overlap(rect, truth);
    // Of equal ones the last, as the reference does.
    if (value < bestIou) continue;
    bestIou = value;
    best = truth;
  }
  return best;
}

/** Intersection over union; over the box alone where the truth is a crowd. */
export function overlap([x, y, w, h]: Rect, { rect, isCrowd }: Truth): number {
  const [left, top, width, height] = rect;
  const sharedW = Math.min(x + w, left + width) - Math.max(x, left);
  const sharedH = Math.min(y + h, top + height) - Math.max(y, top);
  if (sharedW <= 0 || sharedH <= 0) return 0;
  const shared = sharedW * sharedH;
  return shared / (isCrowd ? w * h : w * h + width * height - shared);
}

/** Precision at each recall is the best that is reached there or beyond; 0 where the recall is never reached. */
function precisionArea(all: readonly Verdict[], wanted: number): number {
  if (wanted === 0) return Number.NaN;
  const sorted = all.toSorted((a, b) => b.score - a.score);
  const recalls: number[] = [];
  const precisions: number[] = [];
  let right = 0;
  for (const [i, { isRight }] of sorted.entries()) {
    if (isRight) right += 1;
    recalls.push(right / wanted);
    precisions.push(right / (i + 1));
  }
  for (let i = precisions.length - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i] ?? 0, precisions[i + 1] ?? 0);
  let sum = 0;
  let i = 0;
  for (const recall of RECALLS) {
    while (i < recalls.length && (recalls[i] ?? 0) < recall) i += 1;
    sum += precisions[i] ?? 0;
  }
  return sum / RECALLS.length;
}
