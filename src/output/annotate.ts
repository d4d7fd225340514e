/** Boxes, scores and track numbers, drawn on a copy of a yuv420p picture. Pure. */
import { drawLabelledBox } from '../lib/labelled-box.ts';
import { type Rgb, YuvCanvas } from '../lib/yuv-canvas.ts';
import type { SizePx, Track } from '../messages.ts';

/** Told apart by people with any colour vision (Okabe and Ito 2008), one per track number. */
const COLOURS: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [213, 94, 0],
  [204, 121, 167],
];
const BLACK: Rgb = [0, 0, 0];

/** Draws into `data`. */
export function annotate(data: Uint8Array, size: SizePx, tracks: readonly Track[]): void {
  const canvas = new YuvCanvas(data, size);
  const isLarge = size.heightPx >= 900;
  const style = { textColour: BLACK, textHeightPx: isLarge ? 28 : 16, paddingPx: 3, thicknessPx: isLarge ? 4 : 2 } as const;
  for (const { box, label, score, id } of tracks) {
    const colour = COLOURS[id % COLOURS.length] ?? BLACK;
    drawLabelledBox(canvas, { box, text: `${label} ${Math.round(score * 100)}% #${id}`, colour }, style);
  }
}
