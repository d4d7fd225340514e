/**
 * Decode: one ffmpeg per camera; detection frames on stdout, what is recorded on file descriptor 3: frames, or the camera's own
 * packets as fragmented MP4 (their sound on 4, so that sound that stalls or starts late holds nothing up).
 *
 * Frames: one constant-rate chain, split after the `fps` filter, with the detection branch `framestep`ped out of it: detection frame i
 * *is* recording frame i × framesPerSlot. Two separate fps filters would disagree by half an interval (measured). Packets
 * carry the same clock in their tfdt, to half a frame (measured). A stalled reader of any pipe stops all: all are drained.
 */
import type { VideoFormat } from '../src/messages/video.ts';
import { openInput, isLive, type Input } from './input.ts';
import { flag, quiet, type Recipe } from './recipe.ts';

/** We have probed already: the first picture comes 0.4 s sooner from a camera of 25 fps, 2 s from one of 10 (measured). */
const ANALYZE_US = 500_000;
/** Around a picture that does not fill the frame: the grey that YOLO and NanoDet-Plus were trained with. */
const DEFAULT_BORDER = 114;

export interface DecodeOptions {
  readonly input: Input;
  readonly format: VideoFormat;
  /** give out frames at the pace of the clock, as a camera would (files) */
  readonly realTime: boolean;
  readonly loop: boolean;
  /** also deliver what is recorded on fd 3; the detection frames are the same with and without it */
  readonly withRecording: boolean;
  /** of the packets feed: what to do with the first sound track; undefined: leave it out */
  readonly sound?: 'copy' | 'aac' | undefined;
}

export interface DecodeCommand {
  readonly recipe: Recipe;
  readonly stdinScript?: string;
}

export function decodeRecipe(options: DecodeOptions): DecodeCommand {
  const opened = openInput(options.input, isLive(options.input) ? { analyzeUs: ANALYZE_US } : {});
  return {
    recipe: [...quiet, ...pace(options), ...decoding(options), ...opened.recipe, ...outputs(options)],
    ...(opened.stdinScript === undefined ? {} : { stdinScript: opened.stdinScript }),
  };
}

function pace({ realTime, loop }: DecodeOptions): Recipe {
  return [
    ...(loop ? [flag('-stream_loop', -1)] : []),
    ...(realTime ? [flag('-re').because('a file plays like a camera, one second a second')] : []),
  ];
}

function decoding({ input, format }: DecodeOptions): Recipe {
  const threads = flag('-threads', 1).because(
    'every frame thread adds a frame of delay: 140 ms with one, 253 with two, 738 with 16 (measured)',
  );
  if (!isLive(input)) return [threads];
  return [
    threads,
    flag('-fflags', '+genpts+discardcorrupt').because('cameras send frames without time stamps and broken ones'),
    ...(hasNoTime(input, format)
      ? [
          flag('-use_wallclock_as_timestamps', 1).because(
            'JPEGs over HTTP carry no time: ffmpeg would take every camera for one of 25 fps',
          ),
        ]
      : []),
  ];
}

function hasNoTime(input: Input, format: VideoFormat): boolean {
  return input.kind === 'url' && input.scheme.startsWith('http') && format.source.codec === 'mjpeg';
}

function outputs({ format, withRecording, sound }: DecodeOptions): Recipe {
  const { detect, record, framesPerSlot } = format;
  const { picture } = detect;
  const isLetterboxed = picture.widthPx !== detect.widthPx || picture.heightPx !== detect.heightPx;
  const small = [
    `scale=${picture.widthPx}:${picture.heightPx}:flags=bilinear`,
    'format=gbrp',
    ...(isLetterboxed
      ? [
          `pad=${detect.widthPx}:${detect.heightPx}:${picture.leftPx}:${picture.topPx}:color=0x${grey(detect.border ?? DEFAULT_BORDER)}`,
        ]
      : []),
  ].join(',');
  const large = `scale=${record.widthPx}:${record.heightPx}:flags=bilinear:out_range=tv,setsar=1,format=yuv420p`;
  const rate = `fps=${record.fps}:start_time=0`;
  const step = `framestep=${framesPerSlot}`;
  const areFrames = withRecording && format.feed === 'frames';
  const arePackets = withRecording && format.feed === 'packets';
  const graph = areFrames
    ? `[0:v:0]${rate},split=2[all][some];[some]${step},${small}[detect];[all]${large}[record]`
    : `[0:v:0]${rate},${step},${small}[detect]`;
  return [
    flag('-filter_complex_threads', 1).because('the scalers are cheap; threads would cost more than they save'),
    flag('-filter_complex', graph).because(
      'scaling here is SIMD; planar gbrp is what the model takes, at a third of the cost of rgb24 (measured)',
    ),
    ...rawOutput('[detect]', 'pipe:1'),
    ...(areFrames ? rawOutput('[record]', 'pipe:3') : []),
    ...(arePackets ? packetOutput([flag('-map', '0:v:0'), ...copied(format)], 'pipe:3') : []),
    ...(arePackets && sound !== undefined ? packetOutput([flag('-map', '0:a:0'), ...heard(sound)], 'pipe:4') : []),
  ];
}

function copied({ source }: VideoFormat): Recipe {
  return [
    flag('-c', 'copy'),
    ...(source.codec === 'hevc' ? [flag('-tag:v', 'hvc1').because('Safari plays no HEVC that is called hev1')] : []),
  ];
}

function heard(sound: 'copy' | 'aac'): Recipe {
  if (sound === 'copy') return [flag('-c', 'copy')];
  return [
    flag('-c', 'aac'),
    flag('-b:a', '64k'),
    flag('-ar', 48_000).because('cameras speak at 8 kHz, at which AAC is coarse and some players are silent'),
    flag('-ac', 1),
  ];
}

function packetOutput(chosen: Recipe, target: string): Recipe {
  return [
    ...chosen,
    flag('-f', 'mp4'),
    flag('-movflags', '+empty_moov+default_base_moof+frag_every_frame+frag_discont').because(
      'one fragment a packet, and its time is that of the input: it is not moved to begin at 0',
    ),
    flag('-use_editlist', 0),
    flag('-avoid_negative_ts', 'disabled').because('the muxer would move the time so that it begins at 0'),
    flag('-flush_packets', 1),
    flag(target),
  ];
}

function grey(level: number): string {
  return level.toString(16).padStart(2, '0').repeat(3);
}

function rawOutput(label: string, target: string): Recipe {
  return [
    flag('-map', label),
    flag('-f', 'rawvideo'),
    flag('-flush_packets', 1).because('the end of a frame would wait in a buffer for the next one otherwise'),
    flag(target),
  ];
}
