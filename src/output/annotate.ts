/** Boxes, scores and track numbers, drawn on a copy of a yuv420p picture. Pure. */
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
  const heightPx = isLarge ? 28 : 16;
  for (const { box, label, score, id } of tracks) {
    const colour = COLOURS[id % COLOURS.length] ?? BLACK;
    const rect = { x: box.x * size.widthPx, y: box.y * size.heightPx, w: box.w * size.widthPx, h: box.h * size.heightPx };
    canvas.strokeRect(rect, { colour, thicknessPx: isLarge ? 4 : 2 });
    const y = rect.y >= heightPx ? rect.y - heightPx : rect.y;
    canvas.drawText(
      `${label} ${Math.round(score * 100)}% #${id}`,
      { x: rect.x, y },
      { colour: BLACK, background: colour, paddingPx: 3, heightPx },
    );
  }
}
