import { describe, expect, it } from 'vitest';
import { type Annotations, annotate } from '../../src/output/annotate.ts';
import { track, yuvBytes } from './frames.ts';

const SIZE = { widthPx: 320, heightPx: 192 };
const GREY = 100;

function drawn(tracks: Annotations['tracks'], size = SIZE, trails?: Annotations['trails']): Uint8Array {
  const data = new Uint8Array(yuvBytes(size)).fill(GREY);
  annotate(data, size, { tracks, trails });
  return data;
}

/** Luma pixels that are not grey any more. */
function changed(data: Uint8Array): { x: number; y: number }[] {
  const pixels = Array.from({ length: SIZE.widthPx * SIZE.heightPx }, (_, i) => i).filter((i) => data[i] !== GREY);
  return pixels.map((i) => ({ x: i % SIZE.widthPx, y: Math.floor(i / SIZE.widthPx) }));
}

/** A chroma sample on the upper edge of a box. */
const edgeChroma = (id: number): number | undefined => drawn([track(id)])[SIZE.widthPx * SIZE.heightPx + 48 * 160 + 40];

describe('a box', () => {
  // x 80 … 160, y 96 … 144 in pixels.
  const data = drawn([track(1)]);

  it('is drawn on its edge, with its text above, and nowhere else', () => {
    const pixels = changed(data);
    expect(pixels.length).toBeGreaterThan(0);
    for (const { x, y } of pixels) {
      const isText = y >= 96 - 16 && y < 96 && x >= 80;
      const isInside = x >= 80 && x < 160 && y >= 96 && y < 144;
      const isEdge = isInside && (x < 82 || x >= 158 || y < 98 || y >= 142);
      expect(isText || isEdge, `${x}, ${y}`).toBe(true);
    }
  });

  it('is closed: every pixel of its edge is painted', () => {
    const painted = new Set(changed(data).map(({ x, y }) => `${x},${y}`));
    for (let x = 80; x < 160; x++) expect(painted.has(`${x},96`) && painted.has(`${x},143`)).toBe(true);
    for (let y = 96; y < 144; y++) expect(painted.has(`80,${y}`) && painted.has(`159,${y}`)).toBe(true);
  });

  it('has a text that says label, score and number', () => {
    const other = drawn([track(1, {}, { score: 0.88 })]);
    expect(other).not.toEqual(data);
    expect(drawn([track(1, {}, { score: 0.8704 })])).toEqual(data);
    expect(drawn([track(7)])).not.toEqual(data);
  });

  it('at the top has its text inside the picture', () => {
    const pixels = changed(drawn([track(1, { y: 0 })]));
    expect(Math.max(...pixels.filter(({ x }) => x > 84 && x < 150).map(({ y }) => y))).toBeLessThanOrEqual(48);
  });

  it('that leaves the picture is cut, also with its text', () => {
    expect(() => drawn([track(1, { x: 0.95, y: 0.9, w: 0.5, h: 0.5 }), track(2, { x: -0.2, y: -0.2 })])).not.toThrow();
  });
});

function point(x: number, y: number, freshness: number) {
  return { x, y, ptsMs: 0, freshness };
}

describe('a trail', () => {
  // From x 16 to 112 at y 24, far from the box and its text.
  const trail = [point(0.05, 0.125, 0.2), point(0.35, 0.125, 1)];
  const data = drawn([track(1)], SIZE, new Map([[1, trail]]));
  const lumaAt = (x: number, y: number): number => data[y * SIZE.widthPx + x] ?? 0;

  it('is drawn in the colour of its person and fades towards its beginning', () => {
    const along = [20, 40, 60, 80, 100].map((x) => lumaAt(x, 23) - GREY);
    expect(along[0]).toBeGreaterThan(0);
    expect(along.every((ink, i) => ink > (along[i - 1] ?? 0))).toBe(true);
    expect([lumaAt(60, 20), lumaAt(60, 28), lumaAt(8, 24), lumaAt(125, 24)]).toEqual([GREY, GREY, GREY, GREY]);
  });

  it('of somebody who is not in the picture is not drawn', () => {
    expect(drawn([track(1)], SIZE, new Map([[2, trail]]))).toEqual(drawn([track(1)]));
  });
});

describe('a zone', () => {
  it('is outlined and named, also where nobody is in the picture', () => {
    const corners = [
      { x: 0.1, y: 0.1 },
      { x: 0.9, y: 0.1 },
      { x: 0.9, y: 0.9 },
    ];
    const data = new Uint8Array(yuvBytes(SIZE)).fill(GREY);
    annotate(data, SIZE, { tracks: [], zones: [{ name: 'gate', points: corners }] });
    const painted = new Set(changed(data).map(({ x, y }) => `${x},${y}`));
    for (const edge of ['100,19', '287,100', '160,96', '40,30']) expect(painted.has(edge), edge).toBe(true);
    for (const inside of ['250,60', '40,150', '10,10']) expect(painted.has(inside), inside).toBe(false);
  });
});

describe('a picture', () => {
  it('without tracks stays as it is', () => {
    expect(changed(drawn([]))).toEqual([]);
  });

  it('shows people of different numbers in different colours', () => {
    expect(new Set([1, 2, 3, 4, 5, 6].map(edgeChroma)).size).toBe(6);
  });

  it('that is large has lines and letters that are, too', () => {
    const size = { widthPx: 1920, heightPx: 1080 };
    const data = drawn([track(1)], size);
    const column = 960 - 1;
    const lines = Array.from({ length: 5 }, (_, i) => data[(1080 * 0.75 - 1 - i) * 1920 + column - 200] !== GREY);
    expect(lines).toEqual([true, true, true, true, false]);
  });
});
