/** A photo and what was found on it → a JPEG with boxes, labels and scores drawn in. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import { type Rgb, textSizePx, YuvCanvas } from '../lib/yuv-canvas.ts';
import type { Detection, SizePx } from '../messages.ts';
import type { Photo } from './photo.ts';

const JOB_TIMEOUT_MS = 20_000;
const QUALITY = 90;
const COLOUR: Rgb = [255, 176, 32];
const TEXT_COLOUR: Rgb = [16, 16, 16];

/** Throws a UserError where the file cannot be written. */
export async function writeBoxes(
  path: string,
  { photo: { picture, format }, detections }: { photo: Photo; detections: readonly Detection[] },
): Promise<void> {
  if (!picture) throw new Error('Expected a photo with its picture for people');
  const size = format.record;
  const drawn = Buffer.from(picture);
  draw(drawn, { size, detections });
  const rgb = await runShortJob(snapshotToRgb(size), drawn, { timeoutMs: JOB_TIMEOUT_MS });
  const raw = { width: size.widthPx, height: size.heightPx, channels: 3 } as const;
  const jpeg = await sharp(rgb, { raw }).jpeg({ quality: QUALITY }).toBuffer();
  await writeFile(path, jpeg).catch((cause: unknown) => {
    throw new UserError(`The picture ${path} could not be written: ${messageOf(cause)}`, {
      hint: 'call lookout inspect from a folder that you may write to, or with --json',
      cause,
    });
  });
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
