/** Numbers with as many digits as mean something: more would only fill the disk and the wire, and count noise as a change. */

export function round(value: number, digits: number): number {
  const steps = 10 ** digits;
  return Math.round(value * steps) / steps;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Fractions of a picture, to a tenth of a pixel of one that is 1000 px wide. */
export function roundedBox({ x, y, w, h }: Rect): Rect {
  return { x: round(x, 4), y: round(y, 4), w: round(w, 4), h: round(h, 4) };
}
