/**
 * Zones, trails and boxes -> a canvas that lies exactly over the picture of a video: object-fit and pixel density are taken into account.
 * Labels are drawn last, and step aside for each other: above the box, else below it, else only the track's number.
 */
import { containedIn, hueOf, type Rect, type ShownBox } from '../core/boxes.ts';
import { percentText } from '../core/format.ts';
import type { Trail } from '../core/trails.ts';
import { drawTrails, drawZones, type Zones } from './trails-overlay.ts';

const LABEL_HEIGHT_PX = 18;
const FONT = '600 11.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Everything that lies over one moment of the picture. */
export interface Shown {
  readonly boxes: readonly ShownBox[];
  readonly trails: readonly Trail[];
  readonly zones: Zones;
}

export function drawBoxes(canvas: HTMLCanvasElement, video: HTMLVideoElement, { boxes, trails, zones }: Shown): void {
  const { clientWidth, clientHeight } = canvas;
  const density = devicePixelRatio || 1;
  const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, clientWidth, clientHeight);
  const picture = containedIn(
    { width: video.videoWidth, height: video.videoHeight },
    { width: clientWidth, height: clientHeight },
  );
  drawZones(pen, zones, picture);
  drawTrails(pen, trails, picture);
  for (const shown of boxes) drawOutline(pen, shown, onScreen(shown, picture));
  const taken: Rect[] = [];
  for (const shown of boxes) drawLabel(pen, shown, { picture, taken });
  pen.globalAlpha = 1;
}

function onScreen({ box }: ShownBox, picture: Rect): Rect {
  return {
    left: picture.left + box.x * picture.width,
    top: picture.top + box.y * picture.height,
    width: box.w * picture.width,
    height: box.h * picture.height,
  };
}

function colourOf({ id }: ShownBox): string {
  return `hsl(${hueOf(id)} 85% 62%)`;
}

function drawOutline(pen: CanvasRenderingContext2D, shown: ShownBox, { left, top, width, height }: Rect): void {
  pen.globalAlpha = shown.alpha;
  pen.beginPath();
  pen.roundRect(left, top, width, height, 4);
  pen.lineWidth = 4;
  pen.strokeStyle = 'rgb(0 0 0 / 0.35)';
  pen.stroke();
  pen.lineWidth = 2;
  pen.strokeStyle = colourOf(shown);
  pen.stroke();
}

function drawLabel(
  pen: CanvasRenderingContext2D,
  shown: ShownBox,
  { picture, taken }: { readonly picture: Rect; readonly taken: Rect[] },
): void {
  pen.font = FONT;
  const box = onScreen(shown, picture);
  const short = `#${shown.id}`;
  const long = picture.width < 480 ? short : `${shown.label} ${percentText(shown.score)}  ${short}`;
  const places = [long, short].flatMap((text) => {
    const width = pen.measureText(text).width + 10;
    const left = Math.max(picture.left, Math.min(box.left - 1, picture.left + picture.width - width));
    const above = Math.max(picture.top, box.top - LABEL_HEIGHT_PX - 2);
    const below = Math.min(picture.top + picture.height - LABEL_HEIGHT_PX, box.top + box.height + 2);
    return [above, below].map((top) => ({ text, rect: { left, top, width, height: LABEL_HEIGHT_PX } }));
  });
  const place = places.find(({ rect }) => !taken.some((other) => doOverlap(rect, other))) ?? places[2];
  if (!place) return;
  taken.push(place.rect);
  pen.globalAlpha = shown.alpha;
  pen.fillStyle = colourOf(shown);
  pen.beginPath();
  pen.roundRect(place.rect.left, place.rect.top, place.rect.width, LABEL_HEIGHT_PX, 4);
  pen.fill();
  pen.fillStyle = '#0b0f11';
  pen.textBaseline = 'middle';
  pen.fillText(place.text, place.rect.left + 5, place.rect.top + LABEL_HEIGHT_PX / 2 + 0.5);
}

function doOverlap(a: Rect, b: Rect): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}
