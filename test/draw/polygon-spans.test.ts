import { array, assert, double, pre, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInside, type Point } from '../../src/lib/polygon.ts';
import { spansOf } from '../../src/draw/polygon-spans.ts';

const area = (widthPx: number, heightPx: number) => ({
  widthPx,
  heightPx,
  picture: { leftPx: 0, topPx: 0, widthPx, heightPx },
});

/** Rows of # and . */
function drawn(polygon: readonly Point[], [widthPx, heightPx]: Point, picture = area(widthPx, heightPx).picture): string[] {
  const rows = Array.from({ length: heightPx }, () => '.'.repeat(widthPx));
  for (const { row, start, end } of spansOf(polygon, { widthPx, heightPx, picture })) {
    rows[row] = `${rows[row]!.slice(0, start)}${'#'.repeat(end - start)}${rows[row]!.slice(end)}`;
  }
  return rows;
}

describe('spansOf', () => {
  it('covers a rectangle exactly where its edges lie between pixels', () => {
    const box: Point[] = [
      [0.25, 0.5],
      [0.75, 0.5],
      [0.75, 1],
      [0.25, 1],
    ];
    expect(drawn(box, [8, 4])).toEqual(['........', '........', '..####..', '..####..']);
  });

  it('covers every pixel that an edge touches, however little', () => {
    const sliver: Point[] = [
      [0.01, 0.1],
      [0.99, 0.9],
      [0.99, 0.91],
    ];
    expect(drawn(sliver, [5, 5])).toEqual(['#....', '##...', '.###.', '...##', '....#']);
  });

  it('leaves the notch of a U free', () => {
    const u: Point[] = [
      [0, 0],
      [0.25, 0],
      [0.25, 0.5],
      [0.75, 0.5],
      [0.75, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(drawn(u, [8, 4])).toEqual(['##....##', '##....##', '########', '########']);
  });

  it('stays inside the plane, and inside the picture that lies in it', () => {
    const all: Point[] = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(drawn(all, [4, 4], { leftPx: 0, topPx: 1, widthPx: 4, heightPx: 2 })).toEqual(['....', '####', '####', '....']);
  });

  it('covers every point that is inside, whatever the polygon', () => {
    const corner = tuple(double({ min: 0, max: 1, noNaN: true }), double({ min: 0, max: 1, noNaN: true }));
    assert(
      property(array(corner, { minLength: 3, maxLength: 8 }), corner, (polygon, [x, y]) => {
        pre(isInside([x, y], polygon) && x < 1 && y < 1);
        const [row, column] = [Math.floor(y * 20), Math.floor(x * 32)];
        const isCovered = spansOf(polygon, area(32, 20)).some(
          (span) => span.row === row && span.start <= column && column < span.end,
        );
        expect(isCovered).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
