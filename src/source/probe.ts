/**
 * Input → what is in it, by ffprobe. Runs before the first decode and again after a failed one.
 *
 * ffprobe runs under lib/child.ts and not in fluent-ffmpeg: a camera that accepts the connection and then says nothing
 * would hold it for ever, and fluent-ffmpeg gives no handle to end it.
 */
import { type Input, isLive } from '../../ffmpeg/input.ts';
import { probeRecipe } from '../../ffmpeg/probe.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { z } from 'zod';
import { Child } from '../lib/child.ts';
import { RetryableError, UserError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { explainFailure } from './causes.ts';
import { Guard } from './guard.ts';
import type { ProbedVideo } from './video-format.ts';

const PROBE_TIMEOUT_MS = 15_000;

export interface ProbeOptions {
  /** the input as it may be shown */
  readonly shown: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const rate = z.string().transform((text) => {
  const [over = 0, under = 1] = text.split('/').map(Number);
  return under === 0 || over === 0 ? undefined : over / under;
});

const ffprobeAnswer = z.object({
  streams: z
    .array(
      z.object({
        codec_name: z.string().optional(),
        codec_type: z.string().default('video'),
        profile: z.string().optional(),
        level: z.number().optional(),
        pix_fmt: z.string().optional(),
        has_b_frames: z.number().optional(),
        width: z.number().optional(),
        height: z.number().optional(),
        avg_frame_rate: rate.optional(),
        r_frame_rate: rate.optional(),
        sample_aspect_ratio: z.string().optional(),
        side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
  format: z.object({ duration: z.coerce.number().optional().catch(undefined) }).optional(),
});

type FfprobeStream = z.output<typeof ffprobeAnswer>['streams'][number];

/** Throws a UserError where a file can never work, a RetryableError where a camera may come back. */
export async function probe(input: Input, { shown, log, signal }: ProbeOptions): Promise<ProbedVideo> {
  await using guard = await Guard.open(input);
  const { recipe, stdinScript } = probeRecipe(guard.input);
  await using child = await Child.start({
    name: `probe of ${shown}`,
    command: 'ffprobe',
    args: argvOf(recipe),
    stdin: stdinScript === undefined ? 'ignore' : 'pipe',
    dieWithParent: true,
    moreEnv: guard.env,
    log,
  });
  if (stdinScript !== undefined) child.stdin.end(stdinScript);
  const { text, timedOut } = await readAll(child, signal);
  const exit = await child.exited;
  signal.throwIfAborted();
  if (timedOut)
    throw new RetryableError(`${shown} was silent for ${PROBE_TIMEOUT_MS / 1000} s`, {
      hint: 'check that the camera sends video',
    });
  if (exit.code !== 0) throw explainFailure([...exit.stderr, ...guard.heard], { shown, input });
  try {
    return readAnswer(text, shown);
  } catch (error) {
    // A camera that is only just starting may answer before it has pictures.
    if (isLive(input) && error instanceof UserError) throw new RetryableError(error.message, { hint: error.hint, cause: error });
    throw error;
  }
}

async function readAll(child: Child, signal: AbortSignal): Promise<{ text: string; timedOut: boolean }> {
  let timedOut = false;
  const kill = (): void => void child.kill();
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, PROBE_TIMEOUT_MS);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
    return { text, timedOut };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

/** ffprobe's JSON → the first real video stream: no cover picture of a song, no text file, which ffmpeg films (codec ansi). */
export function readAnswer(text: string, shown: string): ProbedVideo {
  const { streams, format } = ffprobeAnswer.parse(JSON.parse(text));
  const stream = streams.find(
    ({ disposition, codec_name, codec_type }) =>
      codec_type === 'video' && disposition?.attached_pic !== 1 && codec_name !== 'ansi',
  );
  if (!stream) throw new UserError(`${shown} has no video in it`, { hint: 'choose a file or an address that carries video' });
  const { width = 0, height = 0, codec_name: codec } = stream;
  if (codec === undefined || codec === 'unknown' || width < 16 || height < 16) {
    throw new UserError(`${shown} has video that this ffmpeg cannot decode (codec ${codec ?? 'unknown'}, ${width} × ${height})`, {
      hint: 'set the camera to H.264, or convert the file with: ffmpeg -i FILE -c:v libx264 out.mp4',
    });
  }
  const duration = format?.duration;
  return {
    ...shownSize(stream, { width, height }),
    fps: plausibleFps(stream),
    codec,
    durationMs: duration === undefined ? undefined : Math.round(duration * 1000),
    coded: {
      profile: stream.profile,
      level: stream.level ?? -1,
      pixelFormat: stream.pix_fmt,
      bFrames: stream.has_b_frames ?? 0,
      isTurned: rotationOf(stream) !== 0,
    },
    ...soundOf(streams),
  };
}

/** A track that is announced without a codec is there, too: it will be left out with a word. */
function soundOf(streams: readonly FfprobeStream[]): { sound?: string } {
  const sound = streams.find(({ codec_type: type }) => type === 'audio');
  return sound === undefined ? {} : { sound: sound.codec_name ?? 'unknown' };
}

/** ffmpeg turns the picture upright and our scaler makes its pixels square: the size as shown, not as coded. */
function shownSize(
  stream: FfprobeStream,
  { width, height }: { width: number; height: number },
): { widthPx: number; heightPx: number } {
  const [over = 1, under = 1] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const widthPx = over > 0 && under > 0 ? Math.round((width * over) / under) : width;
  return rotationOf(stream) % 180 === 90 ? { widthPx: height, heightPx: widthPx } : { widthPx, heightPx: height };
}

/** 0, 90, 180 or 270 degrees, one way or the other. */
function rotationOf({ side_data_list: sideData }: FfprobeStream): number {
  return Math.abs(sideData?.find((data) => data.rotation !== undefined)?.rotation ?? 0) % 360;
}

/** Cameras without a rate in their stream show the clock of RTP (90,000) as one. */
function plausibleFps({ avg_frame_rate: average, r_frame_rate: real }: FfprobeStream): number | undefined {
  return [average, real].find((fps) => fps !== undefined && fps > 0 && fps <= 240);
}
