/** What is told of a camera. */
import type { Box } from './video.ts';

export interface CameraStatus {
  readonly state: 'online' | 'offline' | 'degraded' | 'disabled';
  readonly reason?: string;
  /** ISO 8601 UTC */
  readonly since: string;
}

/** As it is told on MQTT and over HTTP, where what is not known has to be said: `null`. */
export interface PersonCount {
  /** people now; null while nobody can know, because the camera is not online or nothing was looked at since it is */
  readonly count: number | null;
  /** people so far */
  readonly total: number;
}

/** One camera in the HTTP API and on the page. */
export interface CameraView {
  readonly name: string;
  readonly status: CameraStatus;
  readonly person: PersonCount;
  /** id of the event that is open, if one is */
  readonly openEvent?: string;
  /** polygons of the configuration, in fractions of the full frame */
  readonly zones?: readonly { readonly name: string; readonly points: readonly Pick<Box, 'x' | 'y'>[] }[];
}

/** How well a camera keeps up, said every minute by its owner. */
export interface CameraStats {
  readonly fps: number;
  readonly detectFps: number;
  readonly latencyMs: number;
  readonly drops: number;
  /** share of the pictures that the model was spared because nothing moved, 0…1 */
  readonly inferencesSaved: number;
}
