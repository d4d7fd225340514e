/** A camera's picture and what the model takes → the frame for that camera, and boxes back to the picture. Pure. */
import type { Detection } from '../messages/detection.ts';
import type { Box, PictureArea, SizePx } from '../messages/video.ts';
import type { Candidate, Fit, ShapeRule } from './family.ts';

/** What a decoder is asked for: a frame of the model's size, where the camera's picture lies in it, and what is around it. */
export interface FrameShape extends SizePx {
  readonly picture: PictureArea;
  readonly border: number;
}

export interface FrameRules {
  readonly shape: ShapeRule;
  readonly fit: Fit;
  readonly border: number;
}

export function frameShape({ shape, fit, border }: FrameRules, source: SizePx): FrameShape {
  const frame = inputShape(shape, source);
  return { ...frame, picture: pictureIn(frame, { source, fit }), border };
}

/** The size that shows the picture well: it follows the camera's aspect ratio, because a square would be 40 % padding for 16:9. */
export function inputShape(rule: ShapeRule, source: SizePx): SizePx {
  if ('fixed' in rule) return rule.fixed;
  if ('maxSidePx' in rule) return within(rule.maxSidePx, source);
  return 'areaPx' in rule ? largestWithin(rule, source) : withLongSide(rule, source);
}

function within(maxSidePx: number, { widthPx, heightPx }: SizePx): SizePx {
  const scale = Math.min(1, maxSidePx / Math.max(widthPx, heightPx));
  return { widthPx: Math.max(1, Math.round(widthPx * scale)), heightPx: Math.max(1, Math.round(heightPx * scale)) };
}

/** The shape that shows the picture largest within the area. */
function largestWithin({ multiplePx, areaPx }: { multiplePx: number; areaPx: number }, source: SizePx): SizePx {
  let best: SizePx = { widthPx: multiplePx, heightPx: multiplePx };
  let bestScale = 0;
  for (let widthPx = multiplePx; widthPx * multiplePx <= areaPx; widthPx += multiplePx) {
    const fullHeightPx = Math.ceil((widthPx * source.heightPx) / source.widthPx / multiplePx) * multiplePx;
    const heightPx = Math.max(multiplePx, Math.min(fullHeightPx, Math.floor(areaPx / widthPx / multiplePx) * multiplePx));
    const scale = Math.min(widthPx / source.widthPx, heightPx / source.heightPx);
    if (scale <= bestScale) continue;
    best = { widthPx, heightPx };
    bestScale = scale;
  }
  return best;
}

/** The longer side as trained, the shorter as the picture needs it, both rounded up to the multiple. */
function withLongSide({ multiplePx, longSidePx }: { multiplePx: number; longSidePx: number }, source: SizePx): SizePx {
  const scale = longSidePx / Math.max(source.widthPx, source.heightPx);
  const side = (px: number): number => Math.max(1, Math.ceil(Math.round(px * scale) / multiplePx)) * multiplePx;
  return { widthPx: side(source.widthPx), heightPx: side(source.heightPx) };
}

/** Stretched over the whole frame, or as large as fits in its own aspect ratio: in the middle or in the upper left corner. */
function pictureIn(frame: SizePx, { source, fit }: { source: SizePx; fit: Fit }): PictureArea {
  if (fit === 'stretch') return { ...frame, leftPx: 0, topPx: 0 };
  const scale = Math.min(frame.widthPx / source.widthPx, frame.heightPx / source.heightPx);
  const widthPx = clamp(Math.round(source.widthPx * scale), { low: 1, high: frame.widthPx });
  const heightPx = clamp(Math.round(source.heightPx * scale), { low: 1, high: frame.heightPx });
  if (fit === 'corner') return { widthPx, heightPx, leftPx: 0, topPx: 0 };
  return { widthPx, heightPx, leftPx: (frame.widthPx - widthPx) >> 1, topPx: (frame.heightPx - heightPx) >> 1 };
}

/** A box in pixels of the model's frame → fractions of the camera's picture, cut at its borders. */
export function toDetection(
  candidate: Candidate,
  { picture, labels }: { picture: PictureArea; labels: readonly string[] },
): Detection {
  const left = (candidate.xPx - picture.leftPx) / picture.widthPx;
  const top = (candidate.yPx - picture.topPx) / picture.heightPx;
  const x = clamp(left, { low: 0, high: 1 });
  const y = clamp(top, { low: 0, high: 1 });
  const box: Box = {
    x,
    y,
    w: clamp(left + candidate.wPx / picture.widthPx, { low: 0, high: 1 }) - x,
    h: clamp(top + candidate.hPx / picture.heightPx, { low: 0, high: 1 }) - y,
  };
  return { label: labels[candidate.label] ?? `class ${candidate.label}`, score: candidate.score, box };
}

function clamp(value: number, { low, high }: { low: number; high: number }): number {
  return Math.min(high, Math.max(low, value));
}
