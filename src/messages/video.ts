/**
 * What flows from a camera: its format, frames, packets and what the camera says of itself.
 *
 * Clocks, here and everywhere: `atMs` is wall time (epoch, for people and file names), `ptsMs` is media time on the camera's axis
 * (0 = first frame of the first connection), `…NowMs` is monotonic. Boxes are fractions of the full frame. Scores are 0…1.
 */

/** Top-left corner, width and height, each 0…1 of the full frame. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a camera's decoder delivers, fixed for one run. Detection frame i is recording frame i × `framesPerSlot`. */
export interface VideoFormat {
  readonly source: SizePx & { readonly fps: number; readonly codec: string };
  /** planar G, B, R, one byte each: the picture fills `picture` (px inside the frame), the rest has the level `border` (0…255) */
  readonly detect: SizePx & { readonly fps: number; readonly picture: PictureArea; readonly border?: number };
  /** yuv420p, limited range; with packets the camera's own size, and its rate as near as a multiple of detect.fps gets */
  readonly record: SizePx & { readonly fps: number };
  readonly framesPerSlot: number;
  /** what the recorder is given: raw pictures, or the camera's own packets */
  readonly feed: Feed;
}

export type Feed = 'frames' | 'packets';

/** Where the camera's picture lies inside a detection frame, in pixels. */
export interface PictureArea extends SizePx {
  readonly leftPx: number;
  readonly topPx: number;
}

/**
 * One picture for the detector. `slot` counts detection frames on the camera's axis; gaps mean time without a picture.
 * The buffer is leased: `release` when done.
 */
export interface DetectFrame {
  readonly slot: number;
  readonly ptsMs: number;
  readonly atMs: number;
  readonly arrivedNowMs: number;
  /** byte-identical to the frame before it: a slow source up-sampled. Never a hit. */
  readonly isRepeat: boolean;
  readonly data: Uint8Array;
  release(): void;
}

/** One picture for people: yuv420p at the recording size. The buffer is leased: `retain` to keep it, `release` when done. */
export interface RecordFrame {
  readonly index: number;
  readonly ptsMs: number;
  readonly atMs: number;
  readonly data: Uint8Array;
  retain(): void;
  release(): void;
}

/** What the packets of one track need to be played: `ftyp` and `moov` of an MP4 that holds this track alone. */
export interface TrackInit {
  readonly isVideo: boolean;
  readonly bytes: Uint8Array;
}

/** One coded picture (or 20 to 130 ms of sound), as the camera made it: lengths before its NAL units, as in an MP4. In decoding order. */
export interface Packet {
  readonly isVideo: boolean;
  /** decoding can begin here */
  readonly isKey: boolean;
  /** when it is decoded, and when it is shown: the same without B-frames */
  readonly dtsMs: number;
  readonly ptsMs: number;
  /** as the camera's clock promised it; the packet that comes next knows better */
  readonly durationMs: number;
  readonly atMs: number;
  readonly data: Uint8Array;
}

/** What the camera itself says; `opened` comes before the first frame of each connection. */
export type SourceState =
  | { readonly type: 'opened'; readonly format: VideoFormat; readonly formatChanged: boolean }
  | { readonly type: 'lost'; readonly reason: string; readonly sinceMs: number }
  | { readonly type: 'ended' };
