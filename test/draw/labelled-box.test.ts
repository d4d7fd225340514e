import { describe, expect, it } from 'vitest';
import { drawLabelledBox } from '../../src/draw/labelled-box.ts';
import { YuvCanvas } from '../../src/draw/yuv-canvas.ts';

const SIZE = { widthPx: 160, heightPx: 120 };
const GREY = 100;
const STYLE = { textColour: [0, 0, 0], textHeightPx: 16, paddingPx: 3, thicknessPx: 2 } as const;

/** Rows of the picture that are painted at its column 50. */
function rowsOf(y: number): number[] {
  const data = new Uint8Array((SIZE.widthPx * SIZE.heightPx * 3) / 2).fill(GREY);
  const box = { x: 0.25, y, w: 0.5, h: 0.5 };
  drawLabelledBox(new YuvCanvas(data, SIZE), { box, text: '  ', colour: [255, 255, 255] }, STYLE);
  return Array.from({ length: SIZE.heightPx }, (_, row) => row).filter((row) => data[row * SIZE.widthPx + 50] !== GREY);
}

const rows = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a labelled box', () => {
  it('has its text on a bar above it', () => {
    expect(rowsOf(0.25)).toEqual([...rows(14, 16), ...rows(30, 2), ...rows(88, 2)]);
  });

  it.each([0, 0.05, -0.1])('keeps the bar inside the picture where it begins at %d of the height', (y) => {
    expect(rowsOf(y).slice(0, 16)).toEqual(rows(0, 16));
  });

  it('keeps the bar inside the picture where the text is wider than what is left at the right', () => {
    const data = new Uint8Array((SIZE.widthPx * SIZE.heightPx * 3) / 2).fill(GREY);
    const box = { x: 0.9, y: 0.5, w: 0.1, h: 0.4 };
    const white = [255, 255, 255] as const;
    drawLabelledBox(new YuvCanvas(data, SIZE), { box, text: '      ', colour: white }, STYLE);
    const bar = Array.from({ length: SIZE.widthPx }, (_, x) => data[50 * SIZE.widthPx + x] !== GREY);
    expect(bar.indexOf(true)).toBeLessThan(120);
    expect(bar.at(-1)).toBe(true);
  });
});
