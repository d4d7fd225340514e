/**
 * One run of the decoder, from its start to its end: its pipes, all always drained, under a watchdog that looks at pictures
 * (sound may stall).
 * Returns when the input ended by itself (file, stdin); throws a RetryableError when a live one did.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DecodeOptions, decodeRecipe } from '../../ffmpeg/decode.ts';
import { isLive } from '../../ffmpeg/input.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { BufferPool, type Lease } from '../lib/buffer-pool.ts';
import { Child, type Exit } from '../lib/child.ts';
import type { Clock } from '../lib/clock.ts';
import { RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { DetectFrame, RecordFrame } from '../messages/video.ts';
import type { Axis } from './axis.ts';
import { explainFailure } from './causes.ts';
import { readFrames } from './frame-reader.ts';
import { Guard } from './guard.ts';
import { type PacketTakers, readPackets, soundAfterPictures } from './packet-reader.ts';
import { type Masks, PrivacyMask } from './privacy-mask.ts';
import { Watchdog } from './watchdog.ts';

/** Unused buffers kept for the next frames; more in flight come from the allocator. */
const SPARE_DETECT_BUFFERS = 4;
const SPARE_RECORD_BUFFERS = 32;

/** Of `onRecordFrame` and the takers of packets only those of the format's feed are called. */
export interface FrameTakers extends Partial<PacketTakers> {
  /** takes over the lease; a promise holds the decoder back */
  onDetectFrame(frame: DetectFrame): void | Promise<void>;
  onRecordFrame(frame: RecordFrame): void | Promise<void>;
}

export interface ConnectionOptions extends DecodeOptions {
  /** the input as it may be shown */
  readonly shown: string;
  readonly stdin: Readable;
  readonly axis: Axis;
  readonly masks: Masks;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export async function runConnection(options: ConnectionOptions, takers: FrameTakers): Promise<void> {
  const { input, format, axis, masks, clock, signal, withRecording } = options;
  const mask = PrivacyMask.of(masks, format);
  await using guard = await Guard.open(input);
  await using child = await startDecoder({ ...options, input: guard.input }, guard.env);
  let stall: string | undefined;
  using watchdog = isLive(input)
    ? new Watchdog({
        clock,
        detectFps: format.detect.fps,
        pipes: withRecording ? 2 : 1,
        onStall: (sentence) => {
          stall = sentence;
          void child.kill();
        },
      })
    : undefined;
  const stop = (): void => void child.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    axis.reset(format);
    await Promise.all([
      readDetectFrames(child, { ...options, mask, beat: () => watchdog?.beat(0) }, takers),
      ...(withRecording ? readRecording(child, { ...options, mask, beat: () => watchdog?.beat(1) }, takers) : []),
    ]);
    const exit = await child.exited;
    judge({ ...exit, stderr: [...exit.stderr, ...guard.heard] }, { ...options, stall });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function startDecoder(options: ConnectionOptions, env: Guard['env']): Promise<Child> {
  const { input, shown, withRecording, sound, stdin, log } = options;
  const { recipe, stdinScript } = decodeRecipe(options);
  const child = await Child.start({
    name: `decoder of ${shown}`,
    command: 'ffmpeg',
    args: argvOf(recipe),
    stdin: stdinScript !== undefined || input.kind === 'stdin' ? 'pipe' : 'ignore',
    extraPipes: Number(withRecording) + Number(sound !== undefined),
    dieWithParent: true,
    moreEnv: env,
    log,
    onStderrLine: (line) => log.debug({ line }, 'decoder says'),
  });
  if (stdinScript !== undefined) child.stdin.end(stdinScript);
  // The end of either side ends the other; who ended it, and whether that is well, is judged by the exit.
  if (input.kind === 'stdin')
    pipeline(stdin, child.stdin).catch((error: unknown) => log.debug({ error }, 'stdin no longer feeds the decoder'));
  return child;
}

interface ReadOptions extends ConnectionOptions {
  readonly mask: PrivacyMask | undefined;
  readonly beat: () => void;
}

async function readDetectFrames(
  child: Child,
  { format, axis, clock, mask, beat }: ReadOptions,
  takers: FrameTakers,
): Promise<void> {
  const pool = new BufferPool(format.detect.widthPx * format.detect.heightPx * 3, SPARE_DETECT_BUFFERS);
  let count = 0;
  let previous: Lease | undefined;
  const onFrame = (lease: Lease): void | Promise<void> => {
    mask?.paintDetect(lease.data);
    const isRepeat = previous !== undefined && previous.data.equals(lease.data);
    previous?.release();
    previous = lease;
    lease.retain();
    const { slot, ptsMs, atMs } = axis.slot(count++);
    return takers.onDetectFrame({
      slot,
      ptsMs,
      atMs,
      arrivedNowMs: clock.nowMs(),
      isRepeat,
      data: lease.data,
      release: () => lease.release(),
    });
  };
  try {
    await readFrames(child.stdout, { pool, onBytes: beat, onFrame });
  } finally {
    previous?.release();
  }
}

/** The readers of the pipes that carry what is recorded. A reader that fails ends the decoder, and so the others. */
function readRecording(child: Child, options: ReadOptions, takers: FrameTakers): Promise<void>[] {
  if (options.format.feed === 'frames') return [readRecordFrames(child, options, takers)];
  const { format, axis, shown, input, beat } = options;
  const common = { source: format.source, shown, isLive: isLive(input), axis };
  const packetTakers = soundAfterPictures(takers);
  const readers = [readPackets(child.pipe(3), { ...common, isVideo: true, onSample: beat }, packetTakers)];
  if (options.sound !== undefined)
    readers.push(readPackets(child.pipe(4), { ...common, isVideo: false, onSample: () => undefined }, packetTakers));
  return readers;
}

async function readRecordFrames(child: Child, { format, axis, mask, beat }: ReadOptions, takers: FrameTakers): Promise<void> {
  const { widthPx, heightPx } = format.record;
  const pool = new BufferPool((widthPx * heightPx * 3) / 2, SPARE_RECORD_BUFFERS);
  let count = 0;
  const onFrame = (lease: Lease): void | Promise<void> => {
    mask?.paintRecord(lease.data);
    const { index, ptsMs, atMs } = axis.frame(count++);
    return takers.onRecordFrame({
      index,
      ptsMs,
      atMs,
      data: lease.data,
      retain: () => lease.retain(),
      release: () => lease.release(),
    });
  };
  await readFrames(child.pipe(3), { pool, onBytes: beat, onFrame });
}

/** Whether the end of the decoder was an end or a failure: by who asked and what the input is, not by the exit code alone. */
function judge(exit: Exit, { input, shown, stall, signal }: ConnectionOptions & { stall: string | undefined }): void {
  if (signal.aborted) return;
  if (stall !== undefined) throw new RetryableError(`${shown} ${stall}`, { hint: 'check the camera’s power and network' });
  if (exit.signal !== null)
    throw new RetryableError(`the decoder of ${shown} was killed (${exit.signal})`, {
      hint: 'see the system’s log; memory may have run out',
    });
  if (exit.code !== 0) throw explainFailure(exit.stderr, { shown, input });
  if (isLive(input)) throw new RetryableError(`${shown} ended the stream`, { hint: 'the camera may be restarting' });
}
