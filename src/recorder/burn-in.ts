/**
 * A frame of the film → the same with time and boxes drawn into it. Frames are shared with others and never touched: the drawing
 * is on a copy, one buffer that is used again, so it is to be written before the next one is asked for.
 */
import { YuvCanvas } from '../draw/yuv-canvas.ts';
import type { TrackLine } from '../messages/clip.ts';
import type { Box, SizePx } from '../messages/video.ts';
import { drawTracks, textHeightPx } from '../draw/draw-tracks.ts';

export interface BurnInOptions {
  readonly camera: string;
  readonly size: SizePx;
  readonly burnIn: { readonly time: boolean; readonly boxes: boolean };
}

export interface BurnInFrame {
  readonly data: Uint8Array;
  readonly atMs: number;
  /** time in the clip */
  readonly clipMs: number;
  readonly lines: readonly TrackLine[];
}

/** Further apart than this, two sightings are not joined by a movement. */
const MAX_STEP_MS = 1000;
const WHITE = [235, 235, 235] as const;
const DARK = [16, 16, 16] as const;

type Tracks = TrackLine['tracks'];

export class BurnIn {
  readonly #options: BurnInOptions;
  #scratch: Uint8Array | undefined;

  /** Undefined where nothing is to be drawn. */
  static of(options: BurnInOptions): BurnIn | undefined {
    return options.burnIn.time || options.burnIn.boxes ? new BurnIn(options) : undefined;
  }

  private constructor(options: BurnInOptions) {
    this.#options = options;
  }

  /** Valid until the next call. */
  draw({ data, atMs, clipMs, lines }: BurnInFrame): Uint8Array {
    const { size, burnIn, camera } = this.#options;
    const picture = (this.#scratch ??= new Uint8Array(data.byteLength));
    picture.set(data);
    if (burnIn.boxes) drawTracks(picture, { size, tracks: tracksAt(lines, clipMs) });
    if (burnIn.time) {
      const style = { colour: WHITE, background: DARK, paddingPx: 6, heightPx: textHeightPx(size) };
      new YuvCanvas(picture, size).drawText(`${camera} ${localTimeText(atMs)}`, { x: 0, y: 0 }, style);
    }
    return picture;
  }
}

/** Who is where at this time: between two sightings a box moves evenly, after the last one it stays. */
export function tracksAt(lines: readonly TrackLine[], clipMs: number): Tracks {
  // Times in lines are rounded.
  const index = lines.findLastIndex(({ ptsMs }) => ptsMs <= clipMs + 0.5);
  const line = lines[index];
  if (!line) return [];
  const next = lines[index + 1];
  const stepMs = next ? next.ptsMs - line.ptsMs : 0;
  if (!next || stepMs <= 0 || stepMs > MAX_STEP_MS) return clipMs - line.ptsMs > MAX_STEP_MS ? [] : line.tracks;
  const share = Math.min(1, Math.max(0, (clipMs - line.ptsMs) / stepMs));
  return line.tracks.map(({ id, label, score, box }) => {
    const then = next.tracks.find((track) => track.id === id);
    return { id, label, score, box: then ? between(box, then.box, share) : box };
  });
}

function between(a: Box, b: Box, share: number): Box {
  const mix = (from: number, to: number): number => from + (to - from) * share;
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), w: mix(a.w, b.w), h: mix(a.h, b.h) };
}

/** `2026-11-20 14:02:00 +01:00`, as this machine's clock shows it; the offset tells the two hours apart that a clock change repeats. */
export function localTimeText(atMs: number): string {
  const at = new Date(atMs);
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const offset = -at.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const hours = two(Math.floor(Math.abs(offset) / 60));
  return `${date} ${time} ${sign}${hours}:${two(Math.abs(offset) % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
