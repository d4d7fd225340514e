/** What the recorder says of the clip of an event, and what a clip is made of. */
import type { Rejected } from './detection.ts';
import type { Box, Feed } from './video.ts';

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
