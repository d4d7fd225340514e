/**
 * Privacy masks: painted into the decoder's frames as they are read, in place, before anybody else sees them. So what lies under
 * one is in no detection, recording, snapshot or stream, and nothing behind the source needs to know of it.
 *
 * Detection frames are always filled, with the grey that the model knows as the border of a picture: nobody is found there.
 */
import type { CameraConfig } from '../config/config.ts';
import { PlaneCover } from '../draw/plane-cover.ts';
import type { VideoFormat } from '../messages/video.ts';

export type Masks = CameraConfig['masks'];

/** Black in limited-range YUV. */
const BLACK = [16, 128, 128] as const;
const DEFAULT_BORDER = 114;
/** Blocks of a pixelated mask across the picture: a face is less than two of them. */
const BLOCKS_ACROSS = 32;

export class PrivacyMask {
  readonly #detect = new PlaneCover();
  readonly #luma = new PlaneCover();
  readonly #cb = new PlaneCover();
  readonly #cr = new PlaneCover();
  readonly #format: VideoFormat;

  /** Undefined where there is nothing to cover. */
  static of(masks: Masks, format: VideoFormat): PrivacyMask | undefined {
    return masks.length === 0 ? undefined : new PrivacyMask(masks, format);
  }

  private constructor(masks: Masks, format: VideoFormat) {
    this.#format = format;
    const { detect, record } = format;
    const half = { widthPx: record.widthPx >> 1, heightPx: record.heightPx >> 1 };
    const blockPx = 2 * Math.max(4, Math.round(record.widthPx / BLOCKS_ACROSS / 2));
    const areaOf = (size: typeof half) => ({ ...size, picture: { ...size, leftPx: 0, topPx: 0 } });
    for (const { points, style } of masks) {
      const isPixelated = style === 'pixelate';
      this.#detect.add(points, detect, { value: detect.border ?? DEFAULT_BORDER });
      this.#luma.add(points, areaOf(record), { value: BLACK[0], ...(isPixelated && { blockPx }) });
      this.#cb.add(points, areaOf(half), { value: BLACK[1], ...(isPixelated && { blockPx: blockPx / 2 }) });
      this.#cr.add(points, areaOf(half), { value: BLACK[2], ...(isPixelated && { blockPx: blockPx / 2 }) });
    }
  }

  /** planar G, B, R with the detection frame's size */
  paintDetect(data: Uint8Array): void {
    const { widthPx, heightPx } = this.#format.detect;
    const plane = widthPx * heightPx;
    for (let i = 0; i < 3; i += 1) this.#detect.paint(data.subarray(i * plane, (i + 1) * plane));
  }

  /** yuv420p with the recording size */
  paintRecord(data: Uint8Array): void {
    const { widthPx, heightPx } = this.#format.record;
    const luma = widthPx * heightPx;
    this.#luma.paint(data.subarray(0, luma));
    this.#cb.paint(data.subarray(luma, luma * 1.25));
    this.#cr.paint(data.subarray(luma * 1.25));
  }
}
