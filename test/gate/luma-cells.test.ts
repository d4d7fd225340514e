import { describe, expect, it } from 'vitest';
import { cellGrid, measureCells } from '../../src/gate/luma-cells.ts';
import { DETECT, HEIGHT_PX, picture, WIDTH_PX } from './pictures.ts';

describe('cells of brightness', () => {
  it('lie inside the picture and leave the letterbox out', () => {
    const detect = { widthPx: 544, heightPx: 320 };
    const wide = { leftPx: 0, topPx: 7, widthPx: 544, heightPx: 306 };
    expect(cellGrid({ ...detect, picture: wide })).toEqual({ columns: 68, rows: 38, leftPx: 0, topPx: 8, widthPx: 544 });
    const tall = { leftPx: 64, topPx: 0, widthPx: 416, heightPx: 320 };
    expect(cellGrid({ ...detect, picture: tall })).toEqual({ columns: 52, rows: 40, leftPx: 64, topPx: 0, widthPx: 544 });
  });

  it('end at the last whole cell of a frame that is no multiple of 8', () => {
    const all = { leftPx: 0, topPx: 0, widthPx: 300, heightPx: 300 };
    expect(cellGrid({ widthPx: 300, heightPx: 300, picture: all })).toMatchObject({ columns: 37, rows: 37 });
  });

  it('are the mean of 64 green pixels, exactly, also where all are white', () => {
    const grid = cellGrid(DETECT);
    const data = picture({ noise: 20, person: { xPx: 16, yPx: 16, wPx: 40, hPx: 40, grey: 255 } });
    const means = new Float32Array(grid.columns * grid.rows);
    measureCells(data, grid, means);
    const slow = Array.from(means, (_, cell) => {
      const [column, row] = [cell % grid.columns, Math.floor(cell / grid.columns) + grid.topPx / 8];
      let sum = 0;
      for (let y = row * 8; y < row * 8 + 8; y++)
        for (let x = column * 8; x < column * 8 + 8; x++) sum += data[y * WIDTH_PX + x] ?? 0;
      return sum / 64;
    });
    expect(Array.from(means)).toEqual(slow);
    expect(Math.max(...means)).toBe(255);
    expect(grid.rows * 8).toBe(HEIGHT_PX - 16);
  });

  it('refuse a frame whose rows are no whole words', () => {
    const picture301 = { leftPx: 0, topPx: 0, widthPx: 301, heightPx: 300 };
    expect(() => cellGrid({ widthPx: 301, heightPx: 300, picture: picture301 })).toThrow('multiple of 4 but received 301');
  });
});
