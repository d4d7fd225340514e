/** A photo and what was found on it → a JPEG with boxes, labels and scores drawn in. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import type { Bitmap } from '../detector/resample.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import { type Rgb, textSizePx, YuvCanvas, yuvOf } from '../draw/yuv-canvas.ts';
import type { Detection } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';

const JOB_TIMEOUT_MS = 20_000;
const QUALITY = 90;
/** Pictures for people keep their size; one of 4K is large enough. */
const MAX_SIDE_PX = 3840;
const COLOUR: Rgb = [255, 176, 32];
const TEXT_COLOUR: Rgb = [16, 16, 16];

/** Throws a UserError where the file cannot be written. */
export async function writeBoxes(
  path: string,
  { photo, detections }: { photo: Bitmap; detections: readonly Detection[] },
): Promise<void> {
  const size = drawingSize(photo);
  const raw = { width: photo.widthPx, height: photo.heightPx, channels: 3 } as const;
  const pixels = await sharp(photo.rgb, { raw }).resize(size.widthPx, size.heightPx, { fit: 'fill' }).raw().toBuffer();
  const drawn = yuv420Of({ ...size, rgb: pixels });
  draw(drawn, { size, detections });
  const rgb = await runShortJob(snapshotToRgb(size), drawn, { timeoutMs: JOB_TIMEOUT_MS });
  const jpeg = await sharp(rgb, { raw: { width: size.widthPx, height: size.heightPx, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer();
  await writeFile(path, jpeg).catch((cause: unknown) => {
    throw new UserError(`The picture ${path} could not be written: ${messageOf(cause)}`, {
      hint: 'call lookout inspect from a folder that you may write to, or with --json',
      cause,
    });
  });
}

/** Even sides: a colour sample stands for 2 × 2 pixels. */
function drawingSize({ widthPx, heightPx }: SizePx): SizePx {
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(widthPx, heightPx));
  const even = (px: number): number => Math.max(2, Math.floor((px * scale) / 2) * 2);
  return { widthPx: even(widthPx), heightPx: even(heightPx) };
}

/** yuv420p, limited range; colours are those of every second pixel. */
function yuv420Of({ rgb, widthPx, heightPx }: Bitmap): Uint8Array {
  const luma = widthPx * heightPx;
  const yuv = new Uint8Array((luma * 3) / 2);
  let chroma = luma;
  for (let pixel = 0; pixel < luma; pixel++) {
    const [y, u, v] = yuvOf([rgb[3 * pixel] ?? 0, rgb[3 * pixel + 1] ?? 0, rgb[3 * pixel + 2] ?? 0]);
    yuv[pixel] = y;
    if (pixel % 2 === 1 || Math.floor(pixel / widthPx) % 2 === 1) continue;
    yuv[chroma] = u;
    yuv[chroma + luma / 4] = v;
    chroma += 1;
  }
  return yuv;
}

function draw(data: Uint8Array, { size, detections }: { size: SizePx; detections: readonly Detection[] }): void {
  const canvas = new YuvCanvas(data, size);
  const heightPx = size.heightPx >= 540 ? 28 : 16;
  const style = { colour: TEXT_COLOUR, background: COLOUR, paddingPx: 4, heightPx } as const;
  for (const [i, { box, label, score }] of detections.entries()) {
    const [x, y] = [box.x * size.widthPx, box.y * size.heightPx];
    const thicknessPx = Math.max(2, Math.round(size.heightPx / 240));
    canvas.strokeRect({ x, y, w: box.w * size.widthPx, h: box.h * size.heightPx }, { colour: COLOUR, thicknessPx });
    const text = `#${i + 1} ${label} ${Math.round(score * 100)}%`;
    canvas.drawText(text, { x, y: Math.max(0, y - textSizePx(text, style).h) }, style);
  }
}
