import { describe, expect, it } from 'vitest';
import { maskOfText } from '../../src/draw/glyphs.ts';
import { type Rgb, textSizePx, YuvCanvas, yuvOf } from '../../src/draw/yuv-canvas.ts';

const RED: Rgb = [255, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** A black picture: luma 16, chroma 128. */
function picture(widthPx: number, heightPx: number) {
  const luma = widthPx * heightPx;
  const chroma = Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2);
  const data = new Uint8Array(luma + 2 * chroma).fill(16, 0, luma).fill(128, luma);
  const canvas = new YuvCanvas(data, { widthPx, heightPx });
  const rows = (from: number, width: number, height: number): number[][] =>
    Array.from({ length: height }, (_, row) => [...data.subarray(from + row * width, from + (row + 1) * width)]);
  return {
    data,
    canvas,
    y: () => rows(0, widthPx, heightPx),
    v: () => rows(luma + chroma, Math.ceil(widthPx / 2), Math.ceil(heightPx / 2)),
  };
}

describe('yuvOf', () => {
  it.each([
    { rgb: BLACK, yuv: [16, 128, 128] },
    { rgb: WHITE, yuv: [235, 128, 128] },
    { rgb: RED, yuv: [81, 90, 240] },
    { rgb: [0, 255, 0] as Rgb, yuv: [145, 54, 34] },
    { rgb: [0, 0, 255] as Rgb, yuv: [41, 240, 110] },
  ])('turns $rgb into limited-range BT.601 $yuv', ({ rgb, yuv }) => {
    expect(yuvOf(rgb)).toEqual(yuv);
  });
});

describe('YuvCanvas', () => {
  it('refuses a buffer that is not a picture of the given size', () => {
    expect(() => new YuvCanvas(new Uint8Array(10), { widthPx: 4, heightPx: 4 })).toThrow('Expected 24 bytes');
  });

  it('fills an even rectangle exactly, in luma and chroma', () => {
    const { canvas, y, v } = picture(6, 4);
    canvas.fillRect({ x: 2, y: 0, w: 2, h: 2 }, RED);
    expect(y()).toEqual([
      [16, 16, 81, 81, 16, 16],
      [16, 16, 81, 81, 16, 16],
      [16, 16, 16, 16, 16, 16],
      [16, 16, 16, 16, 16, 16],
    ]);
    expect(v()).toEqual([
      [128, 240, 128],
      [128, 128, 128],
    ]);
  });

  it('blends the chroma of an odd edge by the share that is painted', () => {
    const { canvas, v } = picture(4, 4);
    canvas.fillRect({ x: 1, y: 1, w: 3, h: 3 }, RED);
    expect(v()).toEqual([
      [156, 184],
      [184, 240],
    ]);
  });

  it('treats the single last row and column of an odd picture as a whole sample', () => {
    const { canvas, y, v } = picture(3, 3);
    canvas.fillRect({ x: 2, y: 2, w: 1, h: 1 }, RED);
    expect(y()[2]).toEqual([16, 16, 81]);
    expect(v()).toEqual([
      [128, 128],
      [128, 240],
    ]);
  });

  it('cuts off what lies outside the picture', () => {
    const { canvas, y } = picture(4, 2);
    canvas.fillRect({ x: -5, y: -5, w: 6, h: 6 }, WHITE);
    canvas.fillRect({ x: 3, y: 1, w: 100, h: 100 }, WHITE);
    canvas.fillRect({ x: 10, y: 0, w: 5, h: 5 }, WHITE);
    canvas.fillRect({ x: 0, y: 0, w: -3, h: 1 }, WHITE);
    expect(y()).toEqual([
      [235, 16, 16, 16],
      [16, 16, 16, 235],
    ]);
  });

  it('draws an outline inside the rectangle and leaves its inside alone', () => {
    const { canvas, y } = picture(6, 5);
    canvas.strokeRect({ x: 0.4, y: 0.4, w: 5, h: 5 }, { colour: WHITE, thicknessPx: 1 });
    expect(y()).toEqual([
      [235, 235, 235, 235, 235, 16],
      [235, 16, 16, 16, 235, 16],
      [235, 16, 16, 16, 235, 16],
      [235, 16, 16, 16, 235, 16],
      [235, 235, 235, 235, 235, 16],
    ]);
  });

  it('fills a rectangle that is thinner than its two lines', () => {
    const { canvas, y } = picture(4, 3);
    canvas.strokeRect({ x: 0, y: 0, w: 4, h: 3 }, { colour: WHITE, thicknessPx: 2 });
    expect(
      y()
        .flat()
        .every((value) => value === 235),
    ).toBe(true);
  });

  it('draws text with the coverage of the glyphs, on its background', () => {
    const { canvas, y } = picture(24, 16);
    canvas.drawText('I', { x: 4, y: 0 }, { colour: WHITE, background: BLACK, paddingPx: 2 });
    const mask = maskOfText('I', 16);
    const expected = [...mask.alpha].map((ink) => Math.round(16 + (219 * ink) / 255));
    expect(y().flatMap((row) => row.slice(6, 14))).toEqual(expected);
    expect(Math.max(...expected)).toBe(235);
    expect(y().every((row) => row.slice(0, 6).every((value) => value === 16))).toBe(true);
  });

  it('changes nothing outside the text, wherever it lies', () => {
    for (const at of [
      { x: -9, y: -7 },
      { x: 27, y: 11 },
      { x: -500, y: 3 },
      { x: 500, y: 3 },
    ]) {
      const { canvas, y, v } = picture(31, 17);
      canvas.drawText('WW', at, { colour: RED });
      const isInside = (column: number, row: number): boolean =>
        column >= at.x && column < at.x + 16 && row >= at.y && row < at.y + 16;
      const strays = y().flatMap((row, j) => row.filter((value, i) => value !== 16 && !isInside(i, j)));
      expect(strays).toEqual([]);
      expect(
        v()
          .flat()
          .every((value) => value >= 128 && value <= 240),
      ).toBe(true);
    }
  });

  it('writes a question mark for what is not printable ASCII', () => {
    expect(maskOfText('é\n', 28)).toEqual(maskOfText('??', 28));
  });

  it('has ink for every printable character but the space', () => {
    for (let code = 33; code < 127; code++) {
      const character = String.fromCharCode(code);
      for (const heightPx of [16, 28] as const) {
        expect(Math.max(...maskOfText(character, heightPx).alpha), character).toBeGreaterThan(150);
      }
    }
    expect(Math.max(...maskOfText(' ', 16).alpha)).toBe(0);
  });

  it('tells how large a text will be', () => {
    expect(textSizePx('person 87%', { colour: RED, paddingPx: 4 })).toEqual({ w: 88, h: 16 });
    expect(textSizePx('12', { colour: RED, heightPx: 28 })).toEqual({ w: 28, h: 28 });
  });
});

describe('a line', () => {
  it('covers whole pixels where it lies on them, and half where its edge runs through their middle', () => {
    const { canvas, y } = picture(6, 4);
    canvas.strokeLine([point(-5, 2), point(11, 2)], { colour: WHITE, thicknessPx: 2 });
    expect(y().map(([first]) => first)).toEqual([16, 235, 235, 16]);
    const odd = picture(6, 4);
    odd.canvas.strokeLine([point(-5, 1.5), point(11, 1.5)], { colour: WHITE, thicknessPx: 2 });
    expect(odd.y().map(([first]) => first)).toEqual([126, 235, 126, 16]);
  });

  it('changes its alpha evenly on its way, and is not painted twice where it turns back', () => {
    const { canvas, y } = picture(10, 2);
    canvas.strokeLine([point(0.5, 1, 0), point(9.5, 1, 0.9), point(0.5, 1, 0)], { colour: WHITE, thicknessPx: 2 });
    expect(y()[0]).toEqual([16, 38, 60, 82, 104, 126, 147, 170, 191, 214]);
  });

  it('paints chroma, and is cut at the picture', () => {
    const { canvas, v } = picture(4, 4);
    canvas.strokeLine([point(-100, -100), point(100, 100)], { colour: RED, thicknessPx: 40 });
    expect(v()).toEqual([
      [240, 240],
      [240, 240],
    ]);
    const before = picture(4, 4);
    before.canvas.strokeLine([point(50, 50), point(90, 60)], { colour: RED, thicknessPx: 4 });
    before.canvas.strokeLine([point(2, 2)], { colour: RED, thicknessPx: 4 });
    before.canvas.strokeLine([], { colour: RED, thicknessPx: 4 });
    expect(before.data).toEqual(picture(4, 4).data);
  });

  it('of no length is a dot', () => {
    const { canvas, y } = picture(6, 6);
    canvas.strokeLine([point(3, 3), point(3, 3)], { colour: WHITE, thicknessPx: 3 });
    expect(y()[2]?.[2]).toBe(235);
    expect(y()[0]?.[0]).toBe(16);
  });
});

function point(x: number, y: number, alpha = 1): { x: number; y: number; alpha: number } {
  return { x, y, alpha };
}
