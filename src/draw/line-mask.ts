/**
 * A polyline → coverage mask of its part that lies in the picture. Edges are smooth: a pixel is covered by as much as its
 * centre lies inside the line's edge. Of two segments that meet the stronger counts, so joints and crossings are not darker.
 */
import type { TextMask } from './glyphs.ts';

/** In pixels, from the top-left corner of the picture. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** 0 … 1; along a segment it changes evenly */
  readonly alpha: number;
}

export interface PlacedMask {
  readonly mask: TextMask;
  readonly left: number;
  readonly top: number;
}

interface LineArea {
  readonly thicknessPx: number;
  /** of the picture */
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Undefined where nothing of it lies in the picture. */
export function maskOfLine(points: readonly LinePoint[], area: LineArea): PlacedMask | undefined {
  const whole = boundsOf(points, area);
  const [widthPx, heightPx] = [whole.right - whole.left, whole.bottom - whole.top];
  if (points.length < 2 || widthPx <= 0 || heightPx <= 0) return undefined;
  const mask = { widthPx, heightPx, alpha: new Uint8Array(widthPx * heightPx) };
  for (const [i, to] of points.entries()) {
    const from = points[i - 1];
    if (from) addSegment({ mask, left: whole.left, top: whole.top }, { from, to, area });
  }
  return { mask, left: whole.left, top: whole.top };
}

function addSegment(
  { mask, left, top }: PlacedMask,
  { from, to, area }: { from: LinePoint; to: LinePoint; area: LineArea },
): void {
  const { x: x0, y: y0 } = from;
  const [dx, dy] = [to.x - x0, to.y - y0];
  const lengthSquared = Math.max(dx * dx + dy * dy, 1e-9);
  const edge = area.thicknessPx / 2 + 0.5;
  const bounds = boundsOf([from, to], area);
  for (let y = bounds.top; y < bounds.bottom; y++) {
    const row = (y - top) * mask.widthPx - left;
    for (let x = bounds.left; x < bounds.right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const share = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const covered = edge - Math.hypot(px - share * dx, py - share * dy);
      if (covered <= 0) continue;
      const ink = Math.round(Math.min(1, covered) * (from.alpha + (to.alpha - from.alpha) * share) * 255);
      if (ink > (mask.alpha[row + x] ?? 255)) mask.alpha[row + x] = ink;
    }
  }
}

/** Whole pixels that the points and half the line around them touch, cut at the picture. */
function boundsOf(points: readonly LinePoint[], { thicknessPx, widthPx, heightPx }: LineArea): Bounds {
  const margin = thicknessPx / 2 + 1;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    left: Math.max(0, Math.floor(Math.min(...xs) - margin)),
    top: Math.max(0, Math.floor(Math.min(...ys) - margin)),
    right: Math.min(widthPx, Math.ceil(Math.max(...xs) + margin)),
    bottom: Math.min(heightPx, Math.ceil(Math.max(...ys) + margin)),
  };
}
