/** Zones and trails → the canvas under the boxes. A trail grows from nothing to its person's colour. */
import type { CameraView } from '../../../src/messages/camera.ts';
import { hueOf, type Rect } from '../core/boxes.ts';
import type { Trail } from '../core/trails.ts';

export type Zones = NonNullable<CameraView['zones']>;

const ZONE_FONT = '600 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export function drawTrails(pen: CanvasRenderingContext2D, trails: readonly Trail[], picture: Rect): void {
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  for (const { id, points } of trails) {
    for (const [i, to] of points.entries()) {
      const from = points[i - 1];
      if (!from) continue;
      const share = (from.freshness + to.freshness) / 2;
      pen.beginPath();
      pen.moveTo(picture.left + from.x * picture.width, picture.top + from.y * picture.height);
      pen.lineTo(picture.left + to.x * picture.width, picture.top + to.y * picture.height);
      pen.globalAlpha = share * share;
      pen.lineWidth = 1.5 + 2.5 * share;
      pen.strokeStyle = `hsl(${hueOf(id)} 85% 62%)`;
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
}

export function drawZones(pen: CanvasRenderingContext2D, zones: Zones, picture: Rect): void {
  for (const { name, points } of zones) {
    const [first, ...rest] = points.map(({ x, y }) => ({
      x: picture.left + x * picture.width,
      y: picture.top + y * picture.height,
    }));
    if (!first) continue;
    pen.beginPath();
    pen.moveTo(first.x, first.y);
    for (const { x, y } of rest) pen.lineTo(x, y);
    pen.closePath();
    pen.fillStyle = 'rgb(255 255 255 / 0.07)';
    pen.fill();
    pen.setLineDash([6, 5]);
    pen.lineWidth = 1.5;
    pen.strokeStyle = 'rgb(255 255 255 / 0.7)';
    pen.stroke();
    pen.setLineDash([]);
    drawName(pen, name, first);
  }
}

function drawName(pen: CanvasRenderingContext2D, name: string, { x, y }: { x: number; y: number }): void {
  pen.font = ZONE_FONT;
  pen.textBaseline = 'top';
  pen.lineWidth = 3;
  pen.strokeStyle = 'rgb(0 0 0 / 0.55)';
  pen.strokeText(name, x + 6, y + 5);
  pen.fillStyle = 'rgb(255 255 255 / 0.9)';
  pen.fillText(name, x + 6, y + 5);
}
