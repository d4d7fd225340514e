/**
 * A polygon → the pixels of a plane that it touches, as spans of whole rows. Even-odd like `isInside`, but generous: a pixel
 * counts if any part of it lies inside or on the edge, because what must be covered must not show through at its border.
 */
import type { Point } from '../lib/polygon.ts';

/** Pixels `start` to `end`, without `end`, of a row. */
export interface Span {
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

/** Where the picture (0…1) lies inside the plane, in pixels. */
export interface PlaneArea {
  /** of the plane: spans end there */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly picture: { readonly leftPx: number; readonly topPx: number; readonly widthPx: number; readonly heightPx: number };
}

type Edge = readonly [from: Point, to: Point];

/** From top to bottom, left to right; spans of a row do not touch. */
export function spansOf(polygon: readonly Point[], { widthPx, heightPx, picture }: PlaneArea): Span[] {
  const corners = polygon.map(([x, y]) => [picture.leftPx + x * picture.widthPx, picture.topPx + y * picture.heightPx] as const);
  const edges = corners.map((corner, i): Edge => [corner, corners[(i + 1) % corners.length] ?? corner]);
  const top = Math.max(0, Math.floor(Math.min(...corners.map(([, y]) => y))));
  const bottom = Math.min(heightPx, Math.ceil(Math.max(...corners.map(([, y]) => y))));
  const spans: Span[] = [];
  for (let row = top; row < bottom; row += 1) {
    const isTouched = new Uint8Array(widthPx);
    for (const [from, to] of [...touchedBy(edges, row), ...insideAt(edges, row + 0.5)]) {
      isTouched.fill(1, Math.max(0, Math.floor(from)), Math.min(widthPx, Math.ceil(to)));
    }
    spans.push(...runsOf(isTouched, row));
  }
  return spans;
}

/** What the edges cover between row and row + 1. */
function touchedBy(edges: readonly Edge[], row: number): Point[] {
  return edges.flatMap(([[ax, ay], [bx, by]]): Point[] => {
    const [low, high] = [Math.max(row, Math.min(ay, by)), Math.min(row + 1, Math.max(ay, by))];
    if (ay === by) return ay > row && ay < row + 1 ? [[Math.min(ax, bx), Math.max(ax, bx)]] : [];
    if (low >= high) return [];
    const xAt = (y: number): number => ax + ((bx - ax) * (y - ay)) / (by - ay);
    const ends = [xAt(low), xAt(high)];
    return [[Math.min(...ends), Math.max(...ends)]];
  });
}

/** What lies inside along a horizontal line. */
function insideAt(edges: readonly Edge[], y: number): Point[] {
  const crossings = edges
    .filter(([[, ay], [, by]]) => ay > y !== by > y)
    .map(([[ax, ay], [bx, by]]) => ax + ((bx - ax) * (y - ay)) / (by - ay))
    .sort((a, b) => a - b);
  return crossings.flatMap((from, i): Point[] => (i % 2 === 0 ? [[from, crossings[i + 1] ?? from]] : []));
}

function runsOf(isTouched: Uint8Array, row: number): Span[] {
  const spans: Span[] = [];
  for (let start = isTouched.indexOf(1); start >= 0; ) {
    const next = isTouched.indexOf(0, start);
    const end = next < 0 ? isTouched.length : next;
    spans.push({ row, start, end });
    start = isTouched.indexOf(1, end);
  }
  return spans;
}
