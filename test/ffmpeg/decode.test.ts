import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeRecipe } from '../../ffmpeg/decode.ts';
import { parseInput } from '../../ffmpeg/input.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { frameShape } from '../../src/detector/shape.ts';
import { Child } from '../../src/lib/child.ts';
import type { PictureArea, SizePx, VideoFormat } from '../../src/messages/video.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { counterOfGrey, counterOfLuma, MediaFolder } from '../media.ts';

expectNoLeftovers();

interface Sizes {
  readonly detect: SizePx;
  readonly record: SizePx;
  readonly detectFps?: number;
  readonly framesPerSlot?: number;
}

/** The picture of the recording's shape, letterboxed into the detection frame. */
function formatOf({ detect, record, detectFps = 5, framesPerSlot = 3 }: Sizes): VideoFormat {
  return {
    source: { ...record, fps: 25, codec: 'h264' },
    detect: { ...frameShape({ shape: { fixed: detect }, fit: 'centre', border: 114 }, record), fps: detectFps },
    record: { ...record, fps: detectFps * framesPerSlot },
    framesPerSlot,
    feed: 'frames',
  };
}

const size = (widthPx: number, heightPx: number): SizePx => ({ widthPx, heightPx });
const CAMERA = formatOf({ detect: size(544, 320), record: size(1280, 720) });
const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'level+warning', '-nostats'];
const live = ['-threads', '1', '-fflags', '+genpts+discardcorrupt'];
const small = 'scale=544:306:flags=bilinear,format=gbrp,pad=544:320:0:7:color=0x727272';
const large = 'scale=1280:720:flags=bilinear:out_range=tv,setsar=1,format=yuv420p';
const graph = (text: string): string[] => ['-filter_complex_threads', '1', '-filter_complex', text];
const raw = (label: string, target: string): string[] => ['-map', label, '-f', 'rawvideo', '-flush_packets', '1', target];
const both = [
  ...graph(`[0:v:0]fps=15:start_time=0,split=2[all][some];[some]framestep=3,${small}[detect];[all]${large}[record]`),
  ...raw('[detect]', 'pipe:1'),
  ...raw('[record]', 'pipe:3'),
];
const detectOnly = [...graph(`[0:v:0]fps=15:start_time=0,framestep=3,${small}[detect]`), ...raw('[detect]', 'pipe:1')];
const concat = (protocols: string): string[] => `-f concat -safe 0 -protocol_whitelist pipe,fd,${protocols} -i pipe:0`.split(' ');

function commandOf(text: string, options: Partial<DecodeOptions> = {}) {
  const input = parseInput(text);
  return decodeRecipe({ input, format: CAMERA, realTime: false, loop: false, withRecording: true, ...options });
}

const PACKETS: VideoFormat = { ...CAMERA, feed: 'packets' };

function packets(stream: string, codec: readonly string[], pipe: string): string[] {
  const flags = '+empty_moov+default_base_moof+frag_every_frame+frag_discont';
  const muxer = ['-f', 'mp4', '-movflags', flags, '-use_editlist', '0', '-avoid_negative_ts', 'disabled', '-flush_packets', '1'];
  return ['-map', stream, ...codec, ...muxer, pipe];
}

describe('the command line', () => {
  const fileInput = ['-protocol_whitelist', 'file', '-i', 'file:walk.mp4'];

  it.each<{ what: string; input: string; options?: Partial<DecodeOptions>; argv: string[] }>([
    { what: 'a file at full speed', input: 'walk.mp4', argv: [...quiet, '-threads', '1', ...fileInput, ...both] },
    {
      what: 'a file without recording',
      input: 'walk.mp4',
      options: { withRecording: false },
      argv: [...quiet, '-threads', '1', ...fileInput, ...detectOnly],
    },
    {
      what: 'a file that plays like a camera, over and over',
      input: 'walk.mp4',
      options: { realTime: true, loop: true },
      argv: [...quiet, '-stream_loop', '-1', '-re', '-threads', '1', ...fileInput, ...both],
    },
    {
      what: 'an RTSP camera',
      input: 'rtsp://admin:hunter2@cam/h264',
      argv: [...quiet, ...live, ...concat('tcp,rtsp'), ...both],
    },
    {
      what: 'an RTSP camera without recording',
      input: 'rtsp://admin:hunter2@cam/h264',
      options: { withRecording: false },
      argv: [...quiet, ...live, ...concat('tcp,rtsp'), ...detectOnly],
    },
    {
      what: 'an RTSP camera of packets',
      input: 'rtsp://admin:hunter2@cam/h264',
      options: { format: PACKETS },
      argv: [...quiet, ...live, ...concat('tcp,rtsp'), ...detectOnly, ...packets('0:v:0', ['-c', 'copy'], 'pipe:3')],
    },
    {
      what: 'a film of HEVC, for its packets and its sound',
      input: 'walk.mp4',
      options: { format: { ...PACKETS, source: { ...CAMERA.source, codec: 'hevc' } }, sound: 'aac' },
      argv: [
        ...quiet,
        '-threads',
        '1',
        ...fileInput,
        ...detectOnly,
        ...packets('0:v:0', ['-c', 'copy', '-tag:v', 'hvc1'], 'pipe:3'),
        ...packets('0:a:0', ['-c', 'aac', '-b:a', '64k', '-ar', '48000', '-ac', '1'], 'pipe:4'),
      ],
    },
    {
      what: 'an HTTP camera',
      input: 'http://admin:hunter2@cam/video.mjpg',
      argv: [...quiet, ...live, ...concat('tcp,http'), ...both],
    },
    {
      what: 'an HTTP camera that sends JPEGs, which carry no time',
      input: 'http://admin:hunter2@cam/video.mjpg',
      options: { format: { ...CAMERA, source: { ...CAMERA.source, codec: 'mjpeg' } } },
      argv: [...quiet, ...live, '-use_wallclock_as_timestamps', '1', ...concat('tcp,http'), ...both],
    },
    {
      what: 'a webcam',
      input: '/dev/video0',
      argv: [...quiet, ...live, '-analyzeduration', '500000', '-f', 'v4l2', '-i', '/dev/video0', ...both],
    },
    {
      what: 'y4m on stdin',
      input: '-',
      argv: [...quiet, '-threads', '1', '-f', 'yuv4mpegpipe', '-i', 'pipe:0', ...both],
    },
  ])('for $what', ({ input, options, argv }) => {
    const { recipe } = commandOf(input, options);
    expect(argvOf(recipe)).toEqual(argv);
    expect(argvOf(recipe).join(' ')).not.toContain('hunter2');
  });

  it.each([
    ['rtsp://admin:hunter2@cam/h264', true],
    ['http://admin:hunter2@cam/video.mjpg', true],
    ['walk.mp4', false],
    ['-', false],
    ['/dev/video0', false],
  ])('has a script for stdin only for an address (%s: %s)', (input, hasScript) => {
    expect(commandOf(input).stdinScript?.includes(input) ?? false).toBe(hasScript);
  });

  it('tells the camera’s demuxer, not only that of the script, to look no longer than it must', () => {
    expect(commandOf('rtsp://cam/h264').stdinScript).toMatch(/^option analyzeduration 500000$/m);
    expect(commandOf('http://cam/video.mjpg').stdinScript).toMatch(/^option analyzeduration 500000$/m);
  });

  it('pads with the grey that the model wants', () => {
    const format = { ...CAMERA, detect: { ...CAMERA.detect, border: 0 } };
    expect(argvOf(commandOf('walk.mp4', { format }).recipe).join(' ')).toContain('pad=544:320:0:7:color=0x000000');
  });

  it('pads nothing where the picture fills the frame', () => {
    const format = formatOf({ detect: size(416, 416), record: size(640, 640) });
    expect(argvOf(commandOf('walk.mp4', { format }).recipe).join(' ')).not.toContain('pad=');
  });
});

/** Runs the recipe for real and takes its bytes apart into frames. */
async function decode(path: string, format: VideoFormat, options: Partial<DecodeOptions> = {}) {
  const input = parseInput(path);
  const { recipe } = decodeRecipe({ input, format, realTime: false, loop: false, withRecording: true, ...options });
  const child = await Child.start({
    name: 'decoder',
    command: 'ffmpeg',
    args: argvOf(recipe),
    stdin: 'ignore',
    extraPipes: 1,
    dieWithParent: true,
  });
  const [detected, recorded, exit] = await Promise.all([buffer(child.stdout), buffer(child.pipe(3)), child.exited]);
  expect(exit.code, exit.stderr.join('\n')).toBe(0);
  const { detect, record } = format;
  return {
    detected: framesOf(detected, detect.widthPx * detect.heightPx * 3),
    recorded: framesOf(recorded, (record.widthPx * record.heightPx * 3) / 2),
  };
}

function framesOf(bytes: Buffer, frameBytes: number): Buffer[] {
  expect(bytes.length % frameBytes).toBe(0);
  return Array.from({ length: bytes.length / frameBytes }, (_, i) => bytes.subarray(i * frameBytes, (i + 1) * frameBytes));
}

const middleOf = ({ widthPx, heightPx }: SizePx): number => (heightPx >> 1) * widthPx + (widthPx >> 1);

describe('the frames', () => {
  it.each([
    { fps: 30, framesPerSlot: 3, everyDetected: 6, everyRecorded: 2 },
    { fps: 15, framesPerSlot: 3, everyDetected: 3, everyRecorded: 1 },
    { fps: 10, framesPerSlot: 2, everyDetected: 2, everyRecorded: 1 },
    { fps: 25, framesPerSlot: 3, everyDetected: 5, everyRecorded: undefined },
    { fps: '30000/1001', framesPerSlot: 3, everyDetected: undefined, everyRecorded: undefined },
    { fps: 1, framesPerSlot: 1, everyDetected: undefined, everyRecorded: undefined },
  ])(
    'detection frame i is recording frame i·$framesPerSlot of a film of $fps fps',
    async ({ fps, framesPerSlot, everyDetected, everyRecorded }) => {
      await using media = await MediaFolder.open();
      const film = size(96, 64);
      const path = await media.counter('film.mp4', { size: film, fps, frames: fps === 1 ? 4 : 60 });
      const format = formatOf({ detect: size(96, 96), record: film, framesPerSlot });
      const { detected, recorded } = await decode(path, format);
      const seen = detected.map((frame) => counterOfGrey(frame[middleOf(size(96, 96))]!));
      const kept = recorded.map((frame) => counterOfLuma(frame[middleOf(film)]!));

      expect(seen).toEqual(kept.filter((_, i) => i % framesPerSlot === 0));
      expect(recorded.length).toBeGreaterThan((detected.length - 1) * framesPerSlot);
      expect(recorded.length).toBeLessThanOrEqual(detected.length * framesPerSlot);
      if (everyDetected !== undefined) expect(seen).toEqual(seen.map((_, i) => i * everyDetected));
      if (everyRecorded !== undefined) expect(kept).toEqual(kept.map((_, i) => i * everyRecorded));
      expect(kept).toEqual(kept.toSorted((a, b) => a - b));
    },
  );

  it.each([30, 25, 10, 7])('are the same for the detector where nothing is recorded (%i fps)', async (fps) => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mp4', { fps, frames: 60 });
    const format = formatOf({ detect: size(96, 96), record: size(96, 64) });
    const recording = await decode(path, format);
    const looking = await decode(path, format, { withRecording: false });
    expect(Buffer.concat(looking.detected).equals(Buffer.concat(recording.detected))).toBe(true);
    expect(looking.recorded).toEqual([]);
  });

  it('begin at 0 where the film’s own time begins later', async () => {
    await using media = await MediaFolder.open();
    const path = await media.counter('film.mkv', { fps: 30, frames: 30, more: ['-output_ts_offset', '100'] });
    const { recorded } = await decode(path, formatOf({ detect: size(96, 64), record: size(96, 64) }));
    expect(recorded.length).toBeLessThan(20);
    expect(counterOfLuma(recorded[0]![0]!)).toBeLessThanOrEqual(1);
  });

  it.each([
    { film: size(64, 48), detect: size(96, 96) },
    { film: size(48, 64), detect: size(96, 96) },
    { film: size(160, 90), detect: size(96, 64) },
    { film: size(90, 160), detect: size(96, 64) },
    { film: size(64, 64), detect: size(64, 64) },
    { film: size(176, 16), detect: size(64, 64) },
  ])(
    'hold the $film.widthPx × $film.heightPx picture where `picture` says, in G, B, R order, and grey around it',
    async (sizes) => {
      await using media = await MediaFolder.open();
      const { widthPx, heightPx } = sizes.film;
      // Sky blue: B, G and R differ, and none is the grey of the border.
      const source = ['-f', 'lavfi', '-i', `color=c=0x3080f0:size=${widthPx}x${heightPx}:rate=10`, '-frames:v', '2'];
      const path = await media.make(...source, '-pix_fmt', 'yuv420p', 'film.mp4');
      const format = formatOf({ detect: sizes.detect, record: sizes.film });
      const { detected } = await decode(path, format);
      const planes = framesOf(detected[0]!, sizes.detect.widthPx * sizes.detect.heightPx);
      for (const [i, value] of [0x80, 0xf0, 0x30].entries()) {
        const { inside, outside } = splitAt(planes[i]!, sizes.detect, format.detect.picture);
        expect(inside).toHaveLength(format.detect.picture.widthPx * format.detect.picture.heightPx);
        expect(outside.filter((grey) => grey !== 0x72)).toEqual([]);
        expect(Math.max(...inside.map((colour) => Math.abs(colour - value)))).toBeLessThan(12);
      }
    },
  );

  it('are in limited range, also those of a webcam that sends full range', async () => {
    await using media = await MediaFolder.open();
    const source = ['-f', 'lavfi', '-i', 'color=c=white:size=64x48:rate=10', '-frames:v', '4'];
    const path = await media.make(...source, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', 'film.avi');
    const { recorded, detected } = await decode(path, formatOf({ detect: size(64, 48), record: size(64, 48) }));
    expect(Math.abs(recorded[0]![0]! - 235)).toBeLessThanOrEqual(2);
    expect(Math.abs(detected[0]![0]! - 255)).toBeLessThanOrEqual(2);
  });
});

function splitAt(plane: Buffer, frame: SizePx, picture: PictureArea): { inside: number[]; outside: number[] } {
  const inside: number[] = [];
  const outside: number[] = [];
  for (const [at, value] of plane.entries()) {
    const x = (at % frame.widthPx) - picture.leftPx;
    const y = Math.floor(at / frame.widthPx) - picture.topPx;
    const isInside = x >= 0 && x < picture.widthPx && y >= 0 && y < picture.heightPx;
    (isInside ? inside : outside).push(value);
  }
  return { inside, outside };
}
