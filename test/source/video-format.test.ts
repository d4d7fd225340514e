import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/config.ts';
import { frameShape } from '../../src/detector/shape.ts';
import type { SizePx } from '../../src/messages/video.ts';
import { fitInside, type FormatOptions, isSameFormat, type ProbedVideo, videoFormat } from '../../src/source/video-format.ts';

const size = (widthPx: number, heightPx: number): SizePx => ({ widthPx, heightPx });

function probed(part: Partial<ProbedVideo> = {}): ProbedVideo {
  return { widthPx: 1280, heightPx: 720, fps: 25, codec: 'h264', durationMs: undefined, ...part };
}

/** What a model that takes one shape asks for. */
function letterboxed(fixed: SizePx): FormatOptions['inputShape'] {
  return (source) => frameShape({ shape: { fixed }, fit: 'centre', border: 114 }, source);
}

function formatOf(video: ProbedVideo, settings: { detect?: object; record?: object; shape?: SizePx } = {}) {
  const { detect, record, shape = size(544, 320) } = settings;
  const camera = configSchema.parse({ cameras: [{ input: 'x.mp4', detect, record }] }).cameras[0]!;
  return videoFormat(video, { detect: camera.detect, record: camera.record, inputShape: letterboxed(shape) });
}

describe('rates', () => {
  // detect.fps 5, record.fps 15
  it.each([
    { source: 30, framesPerSlot: 3, record: 15 },
    { source: 29.97, framesPerSlot: 3, record: 15 },
    { source: 25, framesPerSlot: 3, record: 15 },
    { source: 15, framesPerSlot: 3, record: 15 },
    { source: 14.985, framesPerSlot: 3, record: 15 },
    { source: 14.5, framesPerSlot: 2, record: 10 },
    { source: 12, framesPerSlot: 2, record: 10 },
    { source: 10, framesPerSlot: 2, record: 10 },
    { source: 9.99, framesPerSlot: 2, record: 10 },
    { source: 7.5, framesPerSlot: 1, record: 5 },
    { source: 5, framesPerSlot: 1, record: 5 },
    { source: 1, framesPerSlot: 1, record: 5 },
    { source: 0.2, framesPerSlot: 1, record: 5 },
  ])('a source of $source fps is recorded at $record fps', ({ source, framesPerSlot, record }) => {
    const format = formatOf(probed({ fps: source }));
    expect(format.framesPerSlot).toBe(framesPerSlot);
    expect(format.record.fps).toBe(record);
    expect(format.detect.fps).toBe(5);
    expect(format.source.fps).toBe(source);
  });

  it('takes 25 fps where the source does not say', () => {
    const format = formatOf(probed({ fps: undefined }));
    expect(format.source.fps).toBe(25);
    expect(format.record.fps).toBe(15);
  });

  it.each([
    { detectFps: 1, maxFps: 30, source: 25, record: 25 },
    { detectFps: 2, maxFps: 15, source: 25, record: 14 },
    { detectFps: 4, maxFps: 15, source: 30, record: 12 },
    { detectFps: 7, maxFps: 15, source: 30, record: 14 },
    { detectFps: 15, maxFps: 15, source: 30, record: 15 },
    { detectFps: 15, maxFps: 15, source: 10, record: 15 },
  ])('$record fps are the most that $detectFps fps divide, at most $maxFps', ({ detectFps, maxFps, source, record }) => {
    const format = formatOf(probed({ fps: source }), { detect: { fps: detectFps }, record: { fps: maxFps } });
    expect(format.record.fps).toBe(record);
    expect(format.record.fps).toBe(format.framesPerSlot * format.detect.fps);
  });
});

describe('fitInside', () => {
  it.each([
    { picture: size(1280, 720), fitted: size(1280, 720) },
    { picture: size(1920, 1080), fitted: size(1280, 720) },
    { picture: size(3840, 2160), fitted: size(1280, 720) },
    { picture: size(640, 480), fitted: size(640, 480) },
    { picture: size(2592, 1944), fitted: size(960, 720) },
    { picture: size(1080, 1920), fitted: size(406, 720) },
    { picture: size(641, 479), fitted: size(642, 480) },
    { picture: size(16, 16), fitted: size(16, 16) },
    { picture: size(4000, 17), fitted: size(1280, 6) },
    { picture: size(10_000, 1), fitted: size(1280, 2) },
  ])('makes $picture.widthPx × $picture.heightPx into $fitted.widthPx × $fitted.heightPx', ({ picture, fitted }) => {
    expect(fitInside(picture, size(1280, 720))).toEqual(fitted);
  });

  it('gives even sides for every size, because yuv420p halves them', () => {
    for (let widthPx = 16; widthPx < 200; widthPx += 7) {
      for (let heightPx = 16; heightPx < 200; heightPx += 11) {
        const fitted = fitInside(size(widthPx, heightPx), size(101, 77));
        expect([fitted.widthPx % 2, fitted.heightPx % 2]).toEqual([0, 0]);
      }
    }
  });
});

describe('videoFormat', () => {
  it('asks the model for its frame with the size as shown, and keeps what the source is', () => {
    const asked: SizePx[] = [];
    const camera = configSchema.parse({ cameras: [{ input: 'x.mp4' }] }).cameras[0]!;
    const inputShape: FormatOptions['inputShape'] = (source) => {
      asked.push(size(source.widthPx, source.heightPx));
      return letterboxed(size(320, 544))(source);
    };
    const video = probed({ widthPx: 720, heightPx: 1280, codec: 'hevc' });
    const format = videoFormat(video, { detect: camera.detect, record: camera.record, inputShape });
    expect(asked).toEqual([size(720, 1280)]);
    expect(format).toEqual({
      source: { widthPx: 720, heightPx: 1280, fps: 25, codec: 'hevc' },
      detect: {
        widthPx: 320,
        heightPx: 544,
        fps: 5,
        picture: { widthPx: 306, heightPx: 544, leftPx: 7, topPx: 0 },
        border: 114,
      },
      record: { widthPx: 406, heightPx: 720, fps: 15 },
      framesPerSlot: 3,
      feed: 'frames',
    });
  });

  it('records packets as the camera sends them: full size, and its own rate', () => {
    const { detect, record } = configSchema.parse({ cameras: [{ input: 'x.mp4' }] }).cameras[0]!;
    const video = probed({ widthPx: 1920, heightPx: 1080, fps: 25 });
    const format = videoFormat(video, { detect, record, inputShape: letterboxed(size(544, 320)), feed: 'packets' });
    expect(format).toMatchObject({ record: { widthPx: 1920, heightPx: 1080, fps: 25 }, framesPerSlot: 5, feed: 'packets' });
    expect(isSameFormat(format, formatOf(video))).toBe(false);
  });
});

describe('isSameFormat', () => {
  const usual = formatOf(probed());

  it.each([
    { what: 'the same camera again', other: probed(), same: true },
    { what: 'another codec', other: probed({ codec: 'hevc' }), same: true },
    { what: 'a rate that makes no difference', other: probed({ fps: 30 }), same: true },
    { what: 'more pixels that are scaled down to the same', other: probed({ widthPx: 1920, heightPx: 1080 }), same: true },
    { what: 'another shape', other: probed({ widthPx: 640, heightPx: 480 }), same: false },
    { what: 'a rate that changes the recording', other: probed({ fps: 10 }), same: false },
  ])('is $same for $what', ({ other, same }) => {
    expect(isSameFormat(usual, formatOf(other))).toBe(same);
  });
});
