/** Who is in a picture → the part of it that a small picture shows: the people with some room around them, in 16:9. Pure. */
import type { Box, SizePx } from '../messages/video.ts';

export interface CropPx {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Room around the people, as a share of their height. */
const MARGIN = 0.3;
/** A smaller part of the picture’s width tells nobody where it is, and is a blur. */
const MIN_SHARE = 0.35;
const ASPECT = 16 / 9;

/** The whole picture where there is nobody. It lies inside the picture, and has its shape where the picture is too narrow. */
export function thumbCrop({ widthPx, heightPx }: SizePx, boxes: readonly Box[]): CropPx {
  if (boxes.length === 0) return { left: 0, top: 0, width: widthPx, height: heightPx };
  const left = Math.min(...boxes.map(({ x }) => x)) * widthPx;
  const right = Math.max(...boxes.map(({ x, w }) => x + w)) * widthPx;
  const top = Math.min(...boxes.map(({ y }) => y)) * heightPx;
  const bottom = Math.max(...boxes.map(({ y, h }) => y + h)) * heightPx;
  const margin = MARGIN * (bottom - top);
  const wanted = Math.max(right - left + 2 * margin, (bottom - top + 2 * margin) * ASPECT, MIN_SHARE * widthPx);
  const width = Math.round(Math.min(wanted, widthPx, heightPx * ASPECT));
  const height = Math.min(heightPx, Math.round(width / ASPECT));
  return { left: within((left + right) / 2, width, widthPx), top: within((top + bottom) / 2, height, heightPx), width, height };
}

/** Where a length begins that has this centre and stays between 0 and the limit. */
function within(centre: number, length: number, limit: number): number {
  return Math.round(Math.max(0, Math.min(limit - length, centre - length / 2)));
}
