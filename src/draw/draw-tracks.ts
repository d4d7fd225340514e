/** Boxes with label and score, drawn into a yuv420p picture: the same in snapshots and in recorded pictures. */
import { drawLabelledBox } from './labelled-box.ts';
import { type Rgb, YuvCanvas } from './yuv-canvas.ts';
import type { Track } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';

const BOX_COLOUR: Rgb = [255, 176, 32];
const TEXT_COLOUR: Rgb = [16, 16, 16];

export interface Drawing {
  readonly size: SizePx;
  readonly tracks: readonly Pick<Track, 'box' | 'label' | 'score'>[];
}

/** Draws box, label and score of each track. */
export function drawTracks(picture: Uint8Array, { size, tracks }: Drawing): void {
  const canvas = new YuvCanvas(picture, size);
  const style = {
    textColour: TEXT_COLOUR,
    textHeightPx: textHeightPx(size),
    paddingPx: 4,
    thicknessPx: Math.max(2, Math.round(size.heightPx / 240)),
  } as const;
  for (const { box, label, score } of tracks) {
    drawLabelledBox(canvas, { box, text: `${label} ${Math.round(score * 100)}%`, colour: BOX_COLOUR }, style);
  }
}

/** Of a text in a picture of this size. */
export function textHeightPx({ heightPx }: SizePx): 16 | 28 {
  return heightPx >= 540 ? 28 : 16;
}
