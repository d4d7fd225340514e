/**
 * A rectangle with a line of text on a bar above it, drawn on a picture. At the picture's top the bar lies over the rectangle,
 * and it does not stick out at the right.
 */
import type { TextHeightPx } from './glyphs.ts';
import { type Rgb, textSizePx, type YuvCanvas } from './yuv-canvas.ts';

export interface LabelledBox {
  /** in fractions of the picture */
  readonly box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly text: string;
  /** of the line and the bar */
  readonly colour: Rgb;
}

export interface BoxStyle {
  readonly textColour: Rgb;
  readonly textHeightPx: TextHeightPx;
  readonly paddingPx: number;
  readonly thicknessPx: number;
  /** a text that sticks out at the right is cut off there instead of moved */
  readonly isTextCut?: boolean;
}

export function drawLabelledBox(canvas: YuvCanvas, { box, text, colour }: LabelledBox, style: BoxStyle): void {
  const { textColour, textHeightPx, paddingPx, thicknessPx, isTextCut = false } = style;
  const { widthPx, heightPx } = canvas.size;
  const rect = { x: box.x * widthPx, y: box.y * heightPx, w: box.w * widthPx, h: box.h * heightPx };
  canvas.strokeRect(rect, { colour, thicknessPx });
  const textStyle = { colour: textColour, background: colour, paddingPx, heightPx: textHeightPx };
  const lastX = isTextCut ? Infinity : Math.max(0, widthPx - textSizePx(text, textStyle).w);
  canvas.drawText(text, { x: Math.min(rect.x, lastX), y: Math.max(0, rect.y - textHeightPx) }, textStyle);
}
