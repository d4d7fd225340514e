/** What is seen in a picture: detections of the model, tracks of people. */
import type { Box, DetectFrame, VideoFormat } from './video.ts';

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
  readonly isSpared: boolean;
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
  readonly isSpared?: boolean;
}

/** One camera's end of the detector. */
export interface DetectorFeed {
  /** Freshness: the newest frame wins. Takes over the lease. */
  offer(frame: DetectFrame, format: VideoFormat): void;
  /** Completeness: resolves when there is room for the next frame; no frame is left out. Takes over the lease. */
  submit(frame: DetectFrame, format: VideoFormat): Promise<void>;
  /** Resolves when every frame taken so far was answered. */
  drained(): Promise<void>;
  /** Gives back what waits and leaves the detector: from now on frames are released unseen, and nobody waits for an answer. */
  close(): void;
  /** no frame waits and none is at the model */
  readonly isIdle: boolean;
  /** frames that a newer one displaced, or that died with the host */
  readonly dropped: number;
}
