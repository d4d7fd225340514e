/** What is told of an event, to whoever listens. */
import type { Latencies } from './scene.ts';
import type { Box } from './video.ts';

export type AlertType = 'start' | 'live' | 'update' | 'end' | 'ready' | 'failed';

export interface AlertUrls {
  readonly page: string;
  readonly playlist: string;
  readonly snapshot?: string;
  readonly clip?: string;
}

/** What is published on `<base>/<camera>/alert`. Times are ISO 8601 UTC; consumers may see one twice, never zero times. */
export interface Alert {
  readonly v: 1;
  readonly node: string;
  /** random id minted when the numbering began; `seq` counts within it */
  readonly epoch: string;
  readonly seq: number;
  readonly type: AlertType;
  readonly id: string;
  readonly camera: string;
  readonly label: string;
  readonly at: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly score: number;
  readonly count: number;
  readonly people: number;
  readonly box: Box;
  readonly zones: readonly string[];
  readonly reason?: string;
  readonly continues?: string;
  readonly urls: AlertUrls;
  /** of the clip as it is, not as it was asked for; `postRollMs` is known once it is ready */
  readonly preRollMs?: number;
  readonly postRollMs?: number;
  readonly durationMs?: number;
  readonly bytes?: number;
  readonly droppedFrames?: number;
  readonly latencyMs: Latencies;
}

/** An alert that is not yet numbered. */
export type AlertDraft = Omit<Alert, 'v' | 'node' | 'epoch' | 'seq'>;

/** What an outlet is given of its own place among the alerts, and how it says what became of the way out. */
export interface Delivery {
  /** alerts that are not acknowledged */
  readonly waiting: number;
  /** those of them that were turned away and are set aside until after the next loss */
  readonly refused: number;
  /** alerts given up because too many waited */
  readonly dropped: number;
  /** The way out is open: what waits is offered now, the lowest number first. */
  ready(): void;
  /** The way out is gone, and with it what was on it: all that is not acknowledged is offered again after the next `ready`. */
  lost(): void;
}
