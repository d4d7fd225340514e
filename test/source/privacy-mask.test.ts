import { describe, expect, it } from 'vitest';
import { type ConfigInput, configSchema } from '../../src/config/config.ts';
import { whyPictures } from '../../src/source/feed-choice.ts';
import type { VideoFormat } from '../../src/messages/video.ts';
import { PrivacyMask } from '../../src/source/privacy-mask.ts';
import { RtspCamera } from '../rtsp/rtsp-camera.ts';
import { MediaFolder } from '../media.ts';
import { Watch } from './watch.ts';

const missing = await RtspCamera.missing();

type MaskInput = NonNullable<ConfigInput['cameras'][number]['masks']>[number];

const RIGHT_HALF: MaskInput['points'] = [
  [0.5, 0],
  [1, 0],
  [1, 1],
  [0.5, 1],
];

function camera(masks: MaskInput[], record: object = {}) {
  return configSchema.parse({ cameras: [{ input: 'x.mp4', masks, record }] }).cameras[0]!;
}

/** 16 × 8, letterboxed into 16 × 16 for the model */
const FORMAT: VideoFormat = {
  source: { widthPx: 16, heightPx: 8, fps: 10, codec: 'h264' },
  detect: { widthPx: 16, heightPx: 16, fps: 5, picture: { leftPx: 0, topPx: 4, widthPx: 16, heightPx: 8 } },
  record: { widthPx: 16, heightPx: 8, fps: 10 },
  framesPerSlot: 2,
  feed: 'frames',
};

const planes = (data: Uint8Array): Uint8Array[] => [data.subarray(0, 128), data.subarray(128, 160), data.subarray(160)];
const rowOf = (plane: Uint8Array, row: number, width: number): number[] => [...plane.subarray(row * width, (row + 1) * width)];

describe('a mask over the right half', () => {
  it('is black in the recorded picture, to the last pixel of each plane', () => {
    const data = new Uint8Array(192).fill(77);
    PrivacyMask.of(camera([{ points: RIGHT_HALF }]).masks, FORMAT)!.paintRecord(data);
    const [luma, cb, cr] = planes(data);
    for (let row = 0; row < 8; row += 1) expect(rowOf(luma!, row, 16)).toEqual([...Array(8).fill(77), ...Array(8).fill(16)]);
    for (const chroma of [cb!, cr!]) {
      for (let row = 0; row < 4; row += 1) expect(rowOf(chroma, row, 8)).toEqual([...Array(4).fill(77), ...Array(4).fill(128)]);
    }
  });

  it('is the grey of a border to the model, in its three planes, and does not reach into the border', () => {
    const data = new Uint8Array(768).fill(77);
    PrivacyMask.of(camera([{ points: RIGHT_HALF, style: 'pixelate' }]).masks, FORMAT)!.paintDetect(data);
    for (let plane = 0; plane < 3; plane += 1) {
      const one = data.subarray(plane * 256, (plane + 1) * 256);
      expect([...new Set(rowOf(one, 3, 16))]).toEqual([77]);
      for (let row = 4; row < 12; row += 1) expect(rowOf(one, row, 16)).toEqual([...Array(8).fill(77), ...Array(8).fill(114)]);
      expect([...new Set(rowOf(one, 12, 16))]).toEqual([77]);
    }
  });

  it('pixelated, keeps the mean of each block and nothing finer', () => {
    const data = Uint8Array.from({ length: 192 }, (_, i) => (i * 37) % 200);
    const before = Uint8Array.from(data);
    PrivacyMask.of(camera([{ points: RIGHT_HALF, style: 'pixelate' }]).masks, FORMAT)!.paintRecord(data);
    const [luma] = planes(data);
    // Blocks of 8 × 8: the right half is one.
    const covered = Array.from({ length: 8 }, (_, row) => rowOf(luma!, row, 16).slice(8)).flat();
    expect(new Set(covered).size).toBe(1);
    const original = Array.from({ length: 8 }, (_, row) => rowOf(before, row, 16).slice(8)).flat();
    expect(covered[0]).toBe(Math.round(original.reduce((sum, value) => sum + value, 0) / 64));
    for (let row = 0; row < 8; row += 1) expect(rowOf(luma!, row, 16).slice(0, 8)).toEqual(rowOf(before, row, 16).slice(0, 8));
  });
});

describe('a camera', () => {
  it('needs raw pictures where something is drawn into them', () => {
    expect(whyPictures(camera([]))).toBeUndefined();
    expect(whyPictures(camera([{ points: RIGHT_HALF }]))).toMatch(/pictures$/);
    expect(whyPictures(camera([], { burnIn: { time: true } }))).toMatch(/pictures$/);
    expect(whyPictures(camera([], { burnIn: { boxes: true } }))).toMatch(/pictures$/);
  });

  it('without masks has none', () => {
    expect(PrivacyMask.of([], FORMAT)).toBeUndefined();
  });

  it('with masks gives out no frame that shows what lies under them', async () => {
    await using media = await MediaFolder.open();
    const input = await media.counter('film.mp4', { frames: 30 });
    const seen: number[][] = [];
    const look = ({ data }: { data: Uint8Array }): void => void seen.push([data[10 * 96 + 20]!, data[10 * 96 + 70]!]);
    await using watch = new Watch({ input, masks: [{ points: RIGHT_HALF }], look });
    await watch.done;
    expect(seen).toHaveLength(15);
    expect(new Set(seen.map(([left]) => left)).size).toBeGreaterThan(10);
    expect(new Set(seen.map(([, right]) => right))).toEqual(new Set([16]));
  });

  it.skipIf(missing !== undefined)('with masks sends no packets, which would show everything, though it could', async () => {
    await using media = await MediaFolder.open();
    const film = await media.cameraFilm('camera.mkv', { size: { widthPx: 96, heightPx: 64 } });
    await using rtsp = await RtspCamera.start({ film });
    const rights = new Set<number>();
    const look = ({ data }: { data: Uint8Array }): void => void rights.add(data[10 * 96 + 70]!);
    await using watch = new Watch({ input: rtsp.url, masks: [{ points: RIGHT_HALF }], look });
    await watch.until(() => watch.recorded.length > 15);
    await watch.stop();
    expect(watch.format.feed).toBe('frames');
    expect([watch.packets, watch.inits]).toEqual([[], []]);
    expect(rights).toEqual(new Set([16]));
    expect(watch.logged.join('\n')).toContain('privacy masks are painted into pictures');
  });
});
