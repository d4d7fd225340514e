/**
 * Draws on a yuv420p picture (limited range, BT.601) in place: filled and outlined rectangles, lines, and text.
 *
 * Whatever lies outside the picture is cut off. A chroma sample stands for up to 2 × 2 pixels and is blended by the share of
 * them that is painted, so odd edges need no care. Coordinates are rounded to whole pixels.
 */
import { maskOfLine, type LinePoint } from './line-mask.ts';
import { maskOfText, type TextHeightPx, type TextMask, textWidthPx } from './glyphs.ts';

/** Red, green, blue, 0…255 each. */
export type Rgb = readonly [number, number, number];

/** Top-left corner and size in pixels. */
export interface RectPx {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface TextStyle {
  readonly colour: Rgb;
  /** fills the text's rectangle first, with `paddingPx` to the left and right */
  readonly background?: Rgb;
  readonly paddingPx?: number;
  /** 16 where absent */
  readonly heightPx?: TextHeightPx;
}

interface Plane {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 0 for luma, 1 for chroma: a sample covers 1 << shift pixels each way */
  readonly shift: 0 | 1;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** ITU-R BT.601, limited range: Y 16…235, Cb and Cr 16…240. */
export function yuvOf([r, g, b]: Rgb): readonly [number, number, number] {
  const y = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
  const u = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
  const v = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;
  return [Math.round(y), Math.round(u), Math.round(v)];
}

/** What a text with this style occupies. */
export function textSizePx(text: string, style: TextStyle): { readonly w: number; readonly h: number } {
  const heightPx = style.heightPx ?? 16;
  return { w: textWidthPx(text, heightPx) + 2 * (style.paddingPx ?? 0), h: heightPx };
}

export class YuvCanvas {
  readonly size: { readonly widthPx: number; readonly heightPx: number };
  readonly #planes: readonly [Plane, Plane, Plane];
  readonly #width: number;
  readonly #height: number;

  /** Draws into `data` itself; its length must be that of a yuv420p picture of this size. */
  constructor(data: Uint8Array, size: YuvCanvas['size']) {
    const { widthPx: width, heightPx: height } = size;
    const luma = width * height;
    const half = { width: (width + 1) >> 1, height: (height + 1) >> 1, shift: 1 } as const;
    const chroma = half.width * half.height;
    if (data.length !== luma + 2 * chroma) {
      throw new Error(`Expected ${luma + 2 * chroma} bytes for a ${width}x${height} picture but received ${data.length}`);
    }
    this.size = size;
    this.#width = width;
    this.#height = height;
    this.#planes = [
      { data: data.subarray(0, luma), width, height, shift: 0 },
      { data: data.subarray(luma, luma + chroma), ...half },
      { data: data.subarray(luma + chroma), ...half },
    ];
  }

  fillRect(rect: RectPx, colour: Rgb): void {
    const x = clip(rect.x, rect.w, this.#width);
    const y = clip(rect.y, rect.h, this.#height);
    if (x.start >= x.end || y.start >= y.end) return;
    const [luma, u, v] = this.#planes;
    const values = yuvOf(colour);
    for (let row = y.start; row < y.end; row++) {
      luma.data.fill(values[0], row * luma.width + x.start, row * luma.width + x.end);
    }
    const limit = { x: this.#width, y: this.#height };
    fillChroma(u, { x, y, limit, value: values[1] });
    fillChroma(v, { x, y, limit, value: values[2] });
  }

  /** The line lies inside the rectangle. */
  strokeRect(rect: RectPx, style: { readonly colour: Rgb; readonly thicknessPx: number }): void {
    const { colour } = style;
    const x = Math.round(rect.x);
    const y = Math.round(rect.y);
    const w = Math.round(rect.x + rect.w) - x;
    const h = Math.round(rect.y + rect.h) - y;
    const t = Math.max(1, Math.round(style.thicknessPx));
    if (2 * t >= Math.min(w, h)) {
      this.fillRect({ x, y, w, h }, colour);
      return;
    }
    this.fillRect({ x, y, w, h: t }, colour);
    this.fillRect({ x, y: y + h - t, w, h: t }, colour);
    this.fillRect({ x, y: y + t, w: t, h: h - 2 * t }, colour);
    this.fillRect({ x: x + w - t, y: y + t, w: t, h: h - 2 * t }, colour);
  }

  /** A polyline with round ends; where it crosses itself it is not painted twice. */
  strokeLine(points: readonly LinePoint[], style: { readonly colour: Rgb; readonly thicknessPx: number }): void {
    const placed = maskOfLine(points, { thicknessPx: style.thicknessPx, widthPx: this.#width, heightPx: this.#height });
    if (!placed) return;
    const values = yuvOf(style.colour);
    for (const [index, plane] of this.#planes.entries()) blendMask(plane, { ...placed, value: values[index] ?? 0 });
  }

  /** One line of printable ASCII; `at` is the top-left corner of its background. */
  drawText(text: string, at: { readonly x: number; readonly y: number }, style: TextStyle): void {
    const left = Math.round(at.x);
    const top = Math.round(at.y);
    if (style.background) this.fillRect({ x: left, y: top, ...textSizePx(text, style) }, style.background);
    const mask = maskOfText(text, style.heightPx ?? 16);
    const values = yuvOf(style.colour);
    for (const [index, plane] of this.#planes.entries()) {
      blendMask(plane, { mask, left: left + (style.paddingPx ?? 0), top, value: values[index] ?? 0 });
    }
  }
}

/** Whole pixels of [start, start + length) that lie inside the picture. */
function clip(start: number, length: number, limit: number): Span {
  return { start: Math.max(0, Math.round(start)), end: Math.min(limit, Math.round(start + length)) };
}

/** Share of the two pixels (one at an odd border) of chroma sample `at` that lie in the span. */
function coverage(at: number, span: Span, limit: number): number {
  const first = at << 1;
  const last = Math.min(first + 2, limit);
  return (Math.min(span.end, last) - Math.max(span.start, first)) / (last - first);
}

interface ChromaFill {
  readonly x: Span;
  readonly y: Span;
  readonly limit: { readonly x: number; readonly y: number };
  readonly value: number;
}

function fillChroma(plane: Plane, { x, y, limit, value }: ChromaFill): void {
  for (let row = y.start >> 1; row << 1 < y.end; row++) {
    const share = coverage(row, y, limit.y);
    for (let column = x.start >> 1; column << 1 < x.end; column++) {
      const at = row * plane.width + column;
      const old = plane.data[at] ?? 0;
      plane.data[at] = Math.round(old + (value - old) * share * coverage(column, x, limit.x));
    }
  }
}

interface MaskBlend {
  readonly mask: TextMask;
  readonly left: number;
  readonly top: number;
  readonly value: number;
}

function blendMask(plane: Plane, { mask, left, top, value }: MaskBlend): void {
  const { shift } = plane;
  const firstRow = Math.max(0, top >> shift);
  const firstColumn = Math.max(0, left >> shift);
  for (let row = firstRow; row < plane.height && row << shift < top + mask.heightPx; row++) {
    for (let column = firstColumn; column < plane.width && column << shift < left + mask.widthPx; column++) {
      const at = row * plane.width + column;
      const old = plane.data[at] ?? 0;
      const x = (column << shift) - left;
      const y = (row << shift) - top;
      const ink = shift === 0 ? inkAt(mask, x, y) : inkOfFour(mask, x, y);
      plane.data[at] = Math.round(old + ((value - old) * ink) / 255);
    }
  }
}

function inkAt(mask: TextMask, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= mask.widthPx || y >= mask.heightPx) return 0;
  return mask.alpha[y * mask.widthPx + x] ?? 0;
}

function inkOfFour(mask: TextMask, x: number, y: number): number {
  return (inkAt(mask, x, y) + inkAt(mask, x + 1, y) + inkAt(mask, x, y + 1) + inkAt(mask, x + 1, y + 1)) / 4;
}
