/** A photo → what a camera's decoder would deliver of it: the same ffmpeg, the same scaler, the same grey around it. */
import { type ConfigInput, configSchema } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { VideoFormat } from '../messages.ts';
import { Source, type SourceOptions } from '../source/source.ts';

export interface PhotoOptions {
  readonly inputShape: SourceOptions['inputShape'];
  /** also deliver the picture for people */
  readonly withRecording: boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Photo {
  readonly format: VideoFormat;
  /** planar G, B, R of `format.detect` */
  readonly frame: Uint8Array;
  /** yuv420p of `format.record`, where asked for */
  readonly picture: Uint8Array | undefined;
}

/** The first picture of a file. Throws a UserError where there is none. */
export async function readPhoto(path: string, { inputShape, withRecording, log, signal }: PhotoOptions): Promise<Photo> {
  // Pictures for people keep their size; one of 4K is large enough.
  const config: ConfigInput = { cameras: [{ input: path, detect: { fps: 1 }, record: { size: '3840x2160' } }] };
  const [camera] = configSchema.parse(config).cameras;
  if (!camera) throw new Error('Expected one camera for one photo');
  const source = new Source({
    camera,
    realTime: false,
    withRecording,
    inputShape,
    stdin: process.stdin,
    clock: systemClock,
    log,
  });
  if (source.input.kind !== 'file')
    throw new UserError(`${source.shown} is not a photo`, {
      hint: 'give inspect picture files; a camera is watched with: lookout run -i …',
    });
  let format: VideoFormat | undefined;
  let frame: Uint8Array | undefined;
  let picture: Uint8Array | undefined;
  await source.run(
    {
      onState: (state) => {
        if (state.type === 'opened') format = state.format;
      },
      onDetectFrame: (one) => {
        frame ??= Buffer.from(one.data);
        one.release();
      },
      onRecordFrame: (one) => {
        picture ??= Buffer.from(one.data);
        one.release();
      },
    },
    signal,
  );
  signal.throwIfAborted();
  if (!format || !frame) throw new UserError(`${path} holds no picture`, { hint: 'give inspect JPEG or PNG files' });
  return { format, frame, picture };
}
