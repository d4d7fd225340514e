/** A camera's picture and what the model takes → the input shape for that camera, and boxes back to the picture. Pure. */
import type { Box, Detection, PictureArea, SizePx } from '../messages.ts';
import type { Candidate, ShapeRule } from './family.ts';

/**
 * The shape that shows the picture largest within the area: it follows the camera's aspect ratio, because a square would be
 * 40 % padding for a 16:9 camera.
 */
export function inputShape(rule: ShapeRule, source: SizePx): SizePx {
  if ('fixed' in rule) return rule.fixed;
  const { multiplePx, areaPx } = rule;
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

/** A box in pixels of the letterboxed input → fractions of the camera's picture, cut at its borders. */
export function toDetection(
  candidate: Candidate,
  { picture, labels }: { picture: PictureArea; labels: readonly string[] },
): Detection {
  const left = (candidate.xPx - picture.leftPx) / picture.widthPx;
  const top = (candidate.yPx - picture.topPx) / picture.heightPx;
  const x = clamp01(left);
  const y = clamp01(top);
  const box: Box = {
    x,
    y,
    w: clamp01(left + candidate.wPx / picture.widthPx) - x,
    h: clamp01(top + candidate.hPx / picture.heightPx) - y,
  };
  return { label: labels[candidate.label] ?? `class ${candidate.label}`, score: candidate.score, box };
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
