/**
 * The vocabulary of what is told and kept of an event: alerts, event.json, the HTTP API and its notices. A page of messages.ts
 * with a file of its own.
 */
import type { Box, ClipFile, Feed, Latencies } from './messages.ts';

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

/** event.json, and an event in the HTTP API: the last alert and what lies in the folder. */
export interface EventRecord extends Alert {
  readonly schema: 1;
  readonly feed: Feed;
  readonly files: readonly ClipFile[];
  readonly droppedFrames: number;
  readonly configHash: string;
  /** never deleted by retention */
  readonly protected?: boolean;
  /** its place in the hash chain of its camera; there once the event is closed and on disk */
  readonly chain?: ChainLink;
}

/** `hash` covers `previous` and what the event holds (src/store/ledger/chain.ts); hashes are SHA-256 in hex. */
export interface ChainLink {
  /** counts closed events of a camera from 1 */
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

/** How much room there is, on `<base>/node/storage`. `full`: nothing is recorded; `low`: soon. */
export interface StorageState {
  readonly state: 'ok' | 'low' | 'full';
  readonly usedBytes: number;
  readonly freeBytes: number;
}

/** What is asked of the list of events. */
export interface EventQuery {
  readonly camera?: string;
  /** the event started at this time or later … */
  readonly fromMs?: number;
  /** … and before this time */
  readonly toMs?: number;
  readonly limit: number;
  /** `next` of the page before */
  readonly cursor?: string;
}

/** Its answer. */
export interface EventPage {
  /** newest first */
  readonly events: readonly EventRecord[];
  /** present when older events match, too */
  readonly next?: string;
}

export interface CameraStatus {
  readonly state: 'online' | 'offline' | 'degraded' | 'disabled';
  readonly reason?: string;
  /** ISO 8601 UTC */
  readonly since: string;
}

export interface PersonCount {
  readonly count: number;
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

/** What the page receives by server-sent events: the SSE event name is `type`, the data the rest as JSON. */
export type Notice =
  | { readonly type: 'event'; readonly event: EventRecord }
  | { readonly type: 'camera'; readonly camera: CameraView }
  | { readonly type: 'deleted'; readonly id: string };
