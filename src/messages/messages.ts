/**
 * The vocabulary that flows from the camera to the viewer. Imports nothing.
 *
 * Clocks: `atMs` is wall time (epoch, for people and file names), `ptsMs` is media time on the camera's axis (0 = first frame
 * of the first connection), `…NowMs` is monotonic. Boxes are fractions of the full frame. Scores are 0…1.
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

export interface Detection {
  readonly label: string;
  readonly score: number;
  readonly box: Box;
  /** of the picture inside the box; absent where nobody measured it */
  readonly sharpness?: number;
}

/** The answer to one detection frame. */
export interface DetectedFrame {
  readonly slot: number;
  readonly ptsMs: number;
  readonly atMs: number;
  readonly arrivedNowMs: number;
  /** the model did not look: the same picture as before, or one in which nothing moved. Time passes; neither hit nor miss. */
  readonly isRepeat: boolean;
  /** every candidate with a score of at least 0.1, after NMS */
  readonly detections: readonly Detection[];
  /** arrival of the frame → answer of the model, with the time it waited */
  readonly latencyMs: number;
  /** width / height of the camera's picture, where it is known */
  readonly pictureAspect?: number;
  /** just connected, or the whole picture changed at once (light, infra-red): nobody is confirmed by it */
  readonly isUnsettled?: boolean;
}

export interface Track {
  /** counts from 1 per camera */
  readonly id: number;
  readonly label: string;
  /** of the newest hit */
  readonly score: number;
  /** mean over the hits that confirmed it, then over the newest hits */
  readonly meanScore: number;
  readonly box: Box;
  /** of the picture inside the box, at the newest hit */
  readonly sharpness?: number;
  readonly isConfirmed: boolean;
  /** the newest frame held a detection of it */
  readonly isSeen: boolean;
  /** the newest frame held only a faint trace, below minScore, where this confirmed person is expected */
  readonly isHeld?: boolean;
  readonly firstSeenPtsMs: number;
  readonly lastSeenPtsMs: number;
  /** names of the zones this person stands in; absent where the camera has none */
  readonly zones?: readonly string[];
  /** since when they stand in one of them; absent while in none */
  readonly inZonePtsMs?: number;
}

/** A candidate that became no hit, and the rule that said so. */
export interface Rejected {
  readonly score: number;
  readonly box: Box;
  readonly rule:
    | 'label'
    | 'area'
    | 'aspect'
    | 'ignore'
    | 'minScore'
    | 'repeat'
    | 'settle'
    | 'unconfirmed'
    | 'startScore'
    | 'zone';
}

export interface TrackedFrame {
  readonly slot: number;
  readonly ptsMs: number;
  readonly atMs: number;
  readonly tracks: readonly Track[];
  /** confirmed tracks that ended with this frame */
  readonly left: readonly Track[];
  readonly rejected: readonly Rejected[];
  readonly arrivedNowMs: number;
  readonly latencyMs: number;
  /** nothing new was to be seen: neither hit nor miss for anybody */
  readonly isRepeat?: boolean;
}

export type EndReason = 'left' | 'max' | 'source' | 'stopped' | 'restart';

/** What is known of the people in an open event. */
export interface Scene {
  readonly label: string;
  /** best score of any confirmed person so far */
  readonly score: number;
  /** people now; people so far in this event */
  readonly count: number;
  readonly people: number;
  /** of the best-scoring person in view, or the last one seen */
  readonly box: Box;
  /** zones that people stood in so far, in the order of the first visit; absent where the camera has none */
  readonly zones?: readonly string[];
}

/** The life cycle of one visit on one camera; times on the camera's axis. */
export type SceneEvent =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly scene: Scene;
      /** first time the confirmed person was seen; the pre-roll ends here */
      readonly startPtsMs: number;
      readonly startAtMs: number;
      /** the frame that confirmed */
      readonly ptsMs: number;
      readonly continues?: string;
      readonly latencyMs: Latencies;
      readonly confirmedNowMs: number;
    }
  | { readonly type: 'update'; readonly id: string; readonly scene: Scene; readonly ptsMs: number }
  | {
      readonly type: 'end';
      readonly id: string;
      readonly scene: Scene;
      readonly reason: EndReason;
      /** last time a confirmed person was seen */
      readonly lastSeenPtsMs: number;
      readonly lastSeenAtMs: number;
      /** the clip's last frame lies before this */
      readonly closePtsMs: number;
    };

/** People in front of one camera, from the tracker; state topics are made from it. */
export type PeopleChange =
  | { readonly type: 'count'; readonly count: number; readonly total: number }
  | { readonly type: 'left'; readonly durationMs: number };

/** Milliseconds a person had to wait for their alert, part by part. */
export interface Latencies {
  readonly frameToDetect: number;
  readonly detectToConfirm: number;
  readonly confirmToPublish?: number;
}

/** What the recorder says of the clip of an event, in this order; `snapshot` may repeat. */
export type ClipMessage =
  | { readonly type: 'snapshot'; readonly id: string; readonly jpeg: Uint8Array }
  | { readonly type: 'live'; readonly id: string; readonly preRollMs: number }
  | {
      readonly type: 'ready';
      readonly id: string;
      readonly feed: Feed;
      /** as delivered: never less than asked where the camera was there */
      readonly preRollMs: number;
      /** from the last time somebody was seen to the end of the clip */
      readonly postRollMs: number;
      readonly durationMs: number;
      readonly bytes: number;
      readonly files: readonly ClipFile[];
      readonly droppedFrames: number;
    }
  | {
      readonly type: 'failed';
      readonly id: string;
      readonly feed: Feed;
      readonly reason: string;
      readonly files: readonly ClipFile[];
      readonly droppedFrames: number;
    };

/** One file of a clip; `startMs` counts from the clip's first frame. Init files and the like have a duration of 0. */
export interface ClipFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** The clip of an event that is still being recorded, as viewers get it. */
export interface OpenClip {
  readonly id: string;
  /** absolute path of the event's folder */
  readonly folder: string;
  /** the playlist as of now; undefined until its first segment can be played */
  playlist(): string | undefined;
  /** true once the playlist can be played, false if the clip failed before; rejects with the signal's reason */
  whenPlayable(signal: AbortSignal): Promise<boolean>;
  /** the boxes so far, clip time */
  tracks(): readonly TrackLine[];
}

/** A line of detections.jsonl; `ptsMs` 0 is the first frame of the clip. */
export interface TrackLine {
  readonly ptsMs: number;
  readonly tracks: readonly { readonly id: number; readonly label: string; readonly score: number; readonly box: Box }[];
  readonly rejected: readonly Rejected[];
  /** a repeated frame, which the model was spared */
  readonly isRepeat?: boolean;
}
