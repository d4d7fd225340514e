/** A photo and what was found on it → a JPEG with boxes, labels and scores drawn in. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import type { Bitmap } from '../detector/resample.ts';
import { messageOf, UserError } from '../lib/errors.ts';
import { boxStyle, drawTracks } from '../draw/draw-tracks.ts';
import { yuvOf } from '../draw/yuv-canvas.ts';
import type { Detection } from '../messages/detection.ts';
import type { SizePx } from '../messages/video.ts';

const JOB_TIMEOUT_MS = 20_000;
const QUALITY = 90;
/** Pictures for people keep their size; one of 4K is large enough. */
const MAX_SIDE_PX = 3840;

/** Throws a UserError where the file cannot be written. */
export async function writeBoxes(
  path: string,
  { photo, detections }: { photo: Bitmap; detections: readonly Detection[] },
): Promise<void> {
  const size = drawingSize(photo);
  const raw = { width: photo.widthPx, height: photo.heightPx, channels: 3 } as const;
  const pixels = await sharp(photo.rgb, { raw }).resize(size.widthPx, size.heightPx, { fit: 'fill' }).raw().toBuffer();
  const drawn = yuv420Of({ ...size, rgb: pixels });
  drawTracks(drawn, {
    size,
    tracks: detections,
    textOf: (text, _, i) => `#${i + 1} ${text}`,
    style: { ...boxStyle(size), isTextCut: true },
  });
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
