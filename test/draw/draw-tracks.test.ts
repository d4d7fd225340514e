import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boxStyle, drawTracks } from '../../src/draw/draw-tracks.ts';
import type { Rgb } from '../../src/draw/yuv-canvas.ts';

const SIZE = { widthPx: 160, heightPx: 120 };
const TRACKS = [
  { id: 1, label: 'person', score: 0.873, box: { x: 0.1, y: 0.3, w: 0.3, h: 0.6 } },
  { id: 7, label: 'dog', score: 0.5, box: { x: 0.8, y: 0.5, w: 0.15, h: 0.2 } },
];

function grey(): Uint8Array {
  return new Uint8Array((SIZE.widthPx * SIZE.heightPx * 3) / 2).fill(128);
}

/** What is drawn in an even grey picture, in short. */
function drawn(more: Partial<Parameters<typeof drawTracks<(typeof TRACKS)[number]>>[1]> = {}): string {
  const picture = grey();
  drawTracks(picture, { size: SIZE, tracks: TRACKS, ...more });
  return createHash('sha256').update(picture).digest('hex').slice(0, 16);
}

describe('tracks', () => {
  it('are drawn with label and score', () => {
    expect(drawn()).toBe('0e28e5144721ef3f');
    expect(drawn()).toBe(drawn({ textOf: (text, { label }, i) => (text === `${label} ${[87, 50][i]}%` ? text : '') }));
  });

  it('may have a colour and a number each', () => {
    const colours: readonly Rgb[] = [
      [230, 159, 0],
      [86, 180, 233],
    ];
    const colourOf = ({ id }: { id: number }): Rgb => colours[id % 2] ?? [0, 0, 0];
    expect(drawn({ colourOf, textOf: (text, { id }) => `${text} #${id}` })).toBe('d6d9e182f2435eea');
  });

  it('have a text that is moved to be read, or cut off at the right', () => {
    expect(drawn({ style: { ...boxStyle(SIZE), isTextCut: true } })).toBe('1a3b9f63bb84cf02');
  });

  it('that are none leave the picture as it is', () => {
    const picture = grey();
    drawTracks(picture, { size: SIZE, tracks: [] });
    expect(picture.every((byte) => byte === 128)).toBe(true);
  });
});
