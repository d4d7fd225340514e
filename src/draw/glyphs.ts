/** Text -> coverage mask, from an atlas of printable ASCII that ships as data: no font is needed at run time. */
import { inflateRawSync } from 'node:zlib';
import { GLYPH_DATA } from './glyph-data.ts';

/** Heights of a line of text that exist, in pixels. */
export type TextHeightPx = (typeof GLYPH_DATA)[number]['heightPx'];

/** One byte a pixel, 0 (nothing) to 255 (ink), row after row. */
export interface TextMask {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly alpha: Uint8Array;
}

const FIRST = 32;
const COUNT = 95;
const UNKNOWN = '?'.charCodeAt(0) - FIRST;

interface Atlas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly alpha: Uint8Array;
}

const atlases = new Map<TextHeightPx, Atlas>();

function atlasOf(heightPx: TextHeightPx): Atlas {
  const known = atlases.get(heightPx);
  if (known) return known;
  const source = GLYPH_DATA.find((size) => size.heightPx === heightPx);
  if (!source) throw new Error(`Expected 16 or 28 for a text height but received ${String(heightPx)}`);
  const packed = inflateRawSync(Buffer.from(source.data, 'base64'));
  const alpha = new Uint8Array(packed.length * 2);
  for (const [i, byte] of packed.entries()) {
    alpha[2 * i] = (byte >> 4) * 17;
    alpha[2 * i + 1] = (byte & 15) * 17;
  }
  const atlas = { widthPx: source.widthPx, heightPx, alpha };
  atlases.set(heightPx, atlas);
  return atlas;
}

/** Width of a text in pixels; all characters are equally wide. */
export function textWidthPx(text: string, heightPx: TextHeightPx): number {
  return text.length * atlasOf(heightPx).widthPx;
}

/** Characters outside printable ASCII become `?`. */
export function maskOfText(text: string, heightPx: TextHeightPx): TextMask {
  const atlas = atlasOf(heightPx);
  const widthPx = text.length * atlas.widthPx;
  const alpha = new Uint8Array(widthPx * heightPx);
  for (let i = 0; i < text.length; i++) {
    const index = text.charCodeAt(i) - FIRST;
    const glyph = index >= 0 && index < COUNT ? index : UNKNOWN;
    const from = glyph * atlas.widthPx * heightPx;
    for (let row = 0; row < heightPx; row++) {
      const start = from + row * atlas.widthPx;
      alpha.set(atlas.alpha.subarray(start, start + atlas.widthPx), row * widthPx + i * atlas.widthPx);
    }
  }
  return { widthPx, heightPx, alpha };
}
