/**
 * Boxes with label and score, drawn into a yuv420p picture: in snapshots, in recorded pictures, on stdout and on inspected photos.
 * Those who draw the same person for long give each a colour and a number; the rest is drawn in one colour.
 */
import { type BoxStyle, drawLabelledBox } from './labelled-box.ts';
import { type Rgb, YuvCanvas } from './yuv-canvas.ts';
import type { Detection } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';

const BOX_COLOUR: Rgb = [255, 176, 32];
const TEXT_COLOUR: Rgb = [16, 16, 16];

type Drawn = Pick<Detection, 'box' | 'label' | 'score'>;

export interface Drawing<T extends Drawn> {
  readonly size: SizePx;
  readonly tracks: readonly T[];
  /** `person 87%` and the track, and which one it is → what stands at the box */
  readonly textOf?: (text: string, track: T, i: number) => string;
  readonly colourOf?: (track: T) => Rgb;
  readonly style?: BoxStyle;
}

/** Later tracks lie over earlier ones. */
export function drawTracks<T extends Drawn>(picture: Uint8Array, drawing: Drawing<T>): void {
  const { size, tracks, textOf = (text) => text, colourOf = () => BOX_COLOUR, style = boxStyle(size) } = drawing;
  const canvas = new YuvCanvas(picture, size);
  for (const [i, track] of tracks.entries()) {
    const text = textOf(`${track.label} ${Math.round(track.score * 100)}%`, track, i);
    drawLabelledBox(canvas, { box: track.box, text, colour: colourOf(track) }, style);
  }
}

/** For pictures of this size. */
export function boxStyle(size: SizePx): BoxStyle {
  return {
    textColour: TEXT_COLOUR,
    textHeightPx: textHeightPx(size),
    paddingPx: 4,
    thicknessPx: Math.max(2, Math.round(size.heightPx / 240)),
  };
}

/** Of a text in a picture of this size. */
export function textHeightPx({ heightPx }: SizePx): 16 | 28 {
  return heightPx >= 540 ? 28 : 16;
}
