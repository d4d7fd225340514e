/** Zones, trails, boxes, scores and track numbers, drawn on a copy of a yuv420p picture. Pure. */
import { drawTracks } from '../draw/draw-tracks.ts';
import { type Rgb, YuvCanvas } from '../draw/yuv-canvas.ts';
import type { CameraView } from '../messages/camera.ts';
import type { Track } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';
import type { Trails } from './trails.ts';

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
const WHITE: Rgb = [255, 255, 255];

type Zone = NonNullable<CameraView['zones']>[number];

export interface Annotations {
  readonly tracks: readonly Track[];
  readonly trails?: Trails | undefined;
  readonly zones?: CameraView['zones'];
}

/** Draws into `data`. */
export function annotate(data: Uint8Array, size: SizePx, { tracks, trails, zones = [] }: Annotations): void {
  const canvas = new YuvCanvas(data, size);
  const isLarge = size.heightPx >= 900;
  for (const zone of zones) drawZone(canvas, { zone, size, heightPx: isLarge ? 28 : 16 });
  // Trails lie under all boxes and texts.
  for (const { id } of tracks) {
    const points = (trails?.get(id) ?? []).map(({ x, y, freshness }) => ({
      x: x * size.widthPx,
      y: y * size.heightPx,
      alpha: freshness,
    }));
    canvas.strokeLine(points, { colour: colourOf(id), thicknessPx: isLarge ? 5 : 3 });
  }
  drawTracks(data, {
    size,
    tracks,
    textOf: (text, { id }) => `${text} #${id}`,
    colourOf: ({ id }) => colourOf(id),
    style: { textColour: BLACK, textHeightPx: isLarge ? 28 : 16, paddingPx: 3, thicknessPx: isLarge ? 4 : 2 },
  });
}

function drawZone(canvas: YuvCanvas, { zone, size, heightPx }: { zone: Zone; size: SizePx; heightPx: 16 | 28 }): void {
  const corners = zone.points.map(({ x, y }) => ({ x: x * size.widthPx, y: y * size.heightPx, alpha: 0.7 }));
  const [first] = corners;
  if (!first) return;
  canvas.strokeLine([...corners, first], { colour: WHITE, thicknessPx: heightPx / 8 });
  canvas.drawText(zone.name, { x: first.x + 4, y: first.y + 4 }, { colour: BLACK, background: WHITE, paddingPx: 3, heightPx });
}

function colourOf(id: number): Rgb {
  return COLOURS[id % COLOURS.length] ?? BLACK;
}
