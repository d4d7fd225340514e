/** What the output's tests share: leased recording frames, tracks, and a format of any small size. */
import { BufferPool } from '../../src/lib/buffer-pool.ts';
import type { Track, TrackedFrame } from '../../src/messages/detection.ts';
import type { Box, RecordFrame, SizePx, VideoFormat } from '../../src/messages/video.ts';

export function formatOf(size: SizePx, framesPerSlot = 2): VideoFormat {
  return {
    source: { ...size, fps: 10, codec: 'rawvideo' },
    detect: { widthPx: 64, heightPx: 64, fps: 5, picture: { leftPx: 0, topPx: 0, widthPx: 64, heightPx: 64 } },
    record: { ...size, fps: 5 * framesPerSlot },
    framesPerSlot,
    feed: 'frames',
  };
}

export function yuvBytes({ widthPx, heightPx }: SizePx): number {
  return widthPx * heightPx + 2 * Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2);
}

/** Recording frames out of one pool, each of one luma; `leased` says how many somebody still holds. */
export class RecordFrames {
  readonly #pool: BufferPool;
  readonly #luma: number;

  constructor(size: SizePx) {
    this.#pool = new BufferPool(yuvBytes(size), 4);
    this.#luma = size.widthPx * size.heightPx;
  }

  get leased(): number {
    return this.#pool.leased;
  }

  /** Luma is 16 + index, so that whoever reads the stream sees which frame it is. */
  frame(index: number): RecordFrame {
    const lease = this.#pool.lease();
    lease.data.fill(16 + index, 0, this.#luma).fill(128, this.#luma);
    return {
      index,
      ptsMs: index * 100,
      atMs: 0,
      data: lease.data,
      retain: () => lease.retain(),
      release: () => lease.release(),
    };
  }
}

export function track(id: number, box: Partial<Box> = {}, more: Partial<Track> = {}): Track {
  return {
    id,
    label: 'person',
    score: 0.87,
    meanScore: 0.8,
    box: { x: 0.25, y: 0.5, w: 0.25, h: 0.25, ...box },
    isConfirmed: true,
    isSeen: true,
    firstSeenPtsMs: 0,
    lastSeenPtsMs: 0,
    ...more,
  };
}

export function tracked(slot: number, tracks: readonly Track[] = []): TrackedFrame {
  return { slot, ptsMs: slot * 200, atMs: 0, arrivedNowMs: 0, latencyMs: 0, tracks, left: [], rejected: [] };
}
