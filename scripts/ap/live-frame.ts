/** A photo or a film → what a camera's decoder would deliver of it: the same ffmpeg, the same scaler, the same grey around it. */
import { type ConfigInput, configSchema } from '../../src/config/config.ts';
import { type FrameRules, type FrameShape, frameShape } from '../../src/detector/shape.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { Source } from '../../src/source/source.ts';

export interface LiveFrame {
  readonly shape: FrameShape;
  /** planar G, B, R */
  readonly bytes: Uint8Array;
}

export async function liveFrame(path: string, model: FrameRules): Promise<LiveFrame> {
  const [first] = await liveFrames(path, model);
  if (!first) throw new Error(`Expected a picture in ${path}`);
  return first;
}

/** One a second. */
export async function liveFrames(path: string, model: FrameRules): Promise<LiveFrame[]> {
  const config: ConfigInput = { cameras: [{ input: path, detect: { fps: 1 } }] };
  const [camera] = configSchema.parse(config).cameras;
  if (!camera) throw new Error('Expected one camera for one file');
  let shape: FrameShape | undefined;
  const frames: LiveFrame[] = [];
  const source = new Source({
    camera,
    realTime: false,
    withRecording: false,
    inputShape: (size) => (shape = frameShape(model, size)),
    stdin: process.stdin,
    clock: systemClock,
    log: createLogger('error'),
  });
  await source.run(
    {
      onState: () => undefined,
      onDetectFrame: (one) => {
        if (shape) frames.push({ shape, bytes: Buffer.from(one.data) });
        one.release();
      },
      onRecordFrame: (one) => one.release(),
    },
    new AbortController().signal,
  );
  return frames;
}
