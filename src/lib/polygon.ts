/** Polygons in fractions of the picture: corners in order, closed by themselves. */

export type Point = readonly [x: number, y: number];

/** Even-odd rule: a point of the edge may count either way. */
export function isInside([x, y]: Point, polygon: readonly Point[]): boolean {
  let inside = false;
  for (const [i, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[i === 0 ? polygon.length - 1 : i - 1] ?? [ax, ay];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside;
  }
  return inside;
}

/** Where somebody stands: the middle of the lower edge. */
export function footOf({
  x,
  y,
  w,
  h,
}: {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}): Point {
  return [x + w / 2, y + h];
}
