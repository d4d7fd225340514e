/** Visits: the life cycle of the scene event of one camera, and the people in it. */
import type { Box } from './video.ts';

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
