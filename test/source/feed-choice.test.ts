import { describe, expect, it } from 'vitest';
import { parseInput } from '../../ffmpeg/input.ts';
import { UserError } from '../../src/lib/errors.ts';
import { chooseFeed, type FeedWishes } from '../../src/source/feed-choice.ts';
import type { CodedVideo, ProbedVideo } from '../../src/source/video-format.ts';

const CODED: CodedVideo = { profile: 'Main', level: 40, pixelFormat: 'yuv420p', bFrames: 0, isTurned: false };

function video(part: Partial<ProbedVideo> = {}, coded: Partial<CodedVideo> = {}): ProbedVideo {
  const size = { widthPx: 1920, heightPx: 1080 };
  return { ...size, fps: 25, codec: 'h264', durationMs: undefined, coded: { ...CODED, ...coded }, ...part };
}

function wishes(part: Partial<FeedWishes> = {}, address = 'rtsp://cam/1'): FeedWishes {
  return { asked: 'auto', input: parseInput(address), shown: address, ...part };
}

describe('auto', () => {
  it('takes packets of an RTSP camera with H.264 without B-frames', () => {
    expect(chooseFeed(video(), wishes())).toEqual({
      feed: 'packets',
      sound: undefined,
      why: 'Records what the camera sends, untouched: the camera’s own H.264 plays everywhere.',
    });
    for (const profile of ['Constrained Baseline', 'Baseline', 'High']) {
      expect(chooseFeed(video({}, { profile, pixelFormat: 'yuvj420p' }), wishes()).feed).toBe('packets');
    }
  });

  it.each([
    { what: 'HEVC', camera: video({ codec: 'hevc' }), says: 'its video is hevc, which not every browser plays' },
    { what: 'JPEGs', camera: video({ codec: 'mjpeg' }), says: 'its video is mjpeg, not H.264' },
    { what: 'B-frames', camera: video({}, { bFrames: 2 }), says: 'B-frames, which come late (switch them off in the camera)' },
    { what: '10 bit', camera: video({}, { pixelFormat: 'yuv420p10le' }), says: 'browsers do not play its yuv420p10le pictures' },
    { what: '4:4:4', camera: video({}, { profile: 'High 4:4:4 Predictive' }), says: 'the profile High 4:4:4 Predictive' },
    { what: 'level 6', camera: video({}, { level: 60 }), says: 'H.264 of level 6' },
    { what: 'a turned picture', camera: video({}, { isTurned: true }), says: 'turned upright' },
    { what: 'nothing known', camera: { ...video(), coded: undefined } as unknown as ProbedVideo, says: 'does not say how' },
    { what: 'a film', camera: video(), address: 'walk.mp4', says: 'the input is a file' },
    { what: 'RTMP', camera: video(), address: 'rtmp://cam/1', says: 'the input is not RTSP' },
    { what: 'a webcam', camera: video(), address: '/dev/video0', says: 'a webcam sends pictures' },
    { what: 'stdin', camera: video(), address: '-', says: 'stdin carries pictures' },
  ])('takes frames of $what, and says why', ({ camera, address, says }) => {
    const { feed, why, sound } = chooseFeed(camera, wishes({}, address));
    expect(feed).toBe('frames');
    expect(sound).toBeUndefined();
    expect(why).toMatch(/^Records pictures that are encoded anew, without sound: .*\.$/);
    expect(why).toContain(says);
  });

  it('takes frames where somebody draws into the pictures', () => {
    const choice = chooseFeed(video(), wishes({ picturesFor: 'annotated frames on stdout are made of pictures' }));
    expect(choice).toMatchObject({ feed: 'frames' });
    expect(choice.why).toContain('annotated frames on stdout are made of pictures');
  });
});

describe('packets, when asked for,', () => {
  const asked = { asked: 'packets' } as const;

  it.each([
    { what: 'a film', camera: video(), address: 'walk.mp4', says: 'record.feed is packets.' },
    { what: 'B-frames', camera: video({}, { bFrames: 2 }), says: 'record.feed is packets (with B-frames).' },
    { what: 'HEVC', camera: video({ codec: 'hevc' }), says: '(HEVC, which not every browser plays).' },
  ])('are taken of $what', ({ camera, address, says }) => {
    const { feed, why } = chooseFeed(camera, wishes(asked, address));
    expect(feed).toBe('packets');
    expect(why).toContain(says);
  });

  it.each([
    { what: 'JPEGs', camera: video({ codec: 'mjpeg' }), wish: wishes(asked), says: 'its video is mjpeg' },
    { what: 'a webcam', camera: video(), wish: wishes(asked, '/dev/video0'), says: 'a webcam sends pictures' },
    {
      what: 'drawn pictures',
      camera: video(),
      wish: wishes({ ...asked, picturesFor: 'they are drawn into' }),
      says: 'drawn into',
    },
  ])('are refused where there are none: $what', ({ camera, wish, says }) => {
    expect(() => chooseFeed(camera, wish)).toThrow(UserError);
    expect(() => chooseFeed(camera, wish)).toThrow(says);
  });
});

it('frames are taken when asked for', () => {
  expect(chooseFeed(video(), wishes({ asked: 'frames' }))).toMatchObject({ feed: 'frames' });
});

it.each([
  { codec: 'aac', sound: 'copy', says: 'With its sound (AAC).' },
  { codec: 'pcm_alaw', sound: 'aac', says: 'Its sound (pcm_alaw) is made AAC.' },
  { codec: 'adpcm_g726', sound: 'aac', says: 'is made AAC.' },
  { codec: 'unknown', sound: undefined, says: 'Its sound (unknown) cannot be read and is left out.' },
])('sound that is $codec is named: $says', ({ codec, sound, says }) => {
  const choice = chooseFeed(video({ sound: codec }), wishes());
  expect(choice.sound).toBe(sound);
  expect(choice.why).toContain(says);
});
