/**
 * A photo → its pixels, as they stand in the file: upright, without correction of colours, because models are trained on pictures
 * read so. What is no photo (a film, a format of old) gives its first picture through ffmpeg.
 */
import sharp from 'sharp';
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { snapshotToRgb } from '../../ffmpeg/snapshot.ts';
import { cameraSettings } from '../config/camera.ts';
import type { Bitmap } from '../detector/resample.ts';
import type { FrameShape } from '../detector/shape.ts';
import { systemClock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { SizePx } from '../messages/video.ts';
import { Source } from '../source/source.ts';

const JOB_TIMEOUT_MS = 20_000;
/** What the detector would get is of no interest here. */
const ANY_SHAPE: FrameShape = {
  widthPx: 32,
  heightPx: 32,
  picture: { leftPx: 0, topPx: 0, widthPx: 32, heightPx: 32 },
  border: 0,
};

export interface PhotoOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Throws a UserError where there is no picture. */
export async function readPhoto(path: string, options: PhotoOptions): Promise<Bitmap> {
  return (await readStill(path)) ?? (await firstPicture(path, options));
}

/** Undefined for a file of no format that sharp knows; why, ffmpeg will say. */
async function readStill(path: string): Promise<Bitmap | undefined> {
  const picture = sharp(path, { ignoreIcc: true }).autoOrient().toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
  const read = await picture.toBuffer({ resolveWithObject: true }).catch(() => undefined);
  if (read?.info.channels !== 3) return undefined;
  return { rgb: read.data, widthPx: read.info.width, heightPx: read.info.height };
}

async function firstPicture(path: string, { log, signal }: PhotoOptions): Promise<Bitmap> {
  const settings = cameraSettings.parse({ detect: { fps: 1 }, record: { size: '3840x2160' } });
  const source = new Source({
    camera: { ...settings, input: path },
    inputShape: () => ANY_SHAPE,
    log,
    realTime: false,
    withRecording: true,
    stdin: process.stdin,
    clock: systemClock,
  });
  if (source.input.kind !== 'file')
    throw new UserError(`${source.shown} is not a photo`, {
      hint: 'give inspect picture files; a camera is watched with: lookout run -i …',
    });
  let size: SizePx | undefined;
  let yuv: Uint8Array | undefined;
  await source.run(
    {
      onState: (state) => {
        if (state.type === 'opened') size = state.format.record;
      },
      onDetectFrame: (one) => one.release(),
      onRecordFrame: (one) => {
        yuv ??= Buffer.from(one.data);
        one.release();
      },
    },
    signal,
  );
  signal.throwIfAborted();
  if (!size || !yuv) throw new UserError(`${path} holds no picture`, { hint: 'give inspect JPEG or PNG files' });
  const rgb = await runShortJob(snapshotToRgb(size), yuv, { timeoutMs: JOB_TIMEOUT_MS });
  return { rgb, widthPx: size.widthPx, heightPx: size.heightPx };
}
