/** What is known of an event, how it is kept (event.json) and how it is shown (HTTP API). */
import type { AlertType, AlertUrls } from './alert.ts';
import type { ClipFile, OpenClip } from './clip.ts';
import type { Latencies } from './scene.ts';
import type { Box, Feed } from './video.ts';

/** Somebody is there → they left, the clip still grows → it is closed, with a clip that was checked, or without. */
export type EventState = 'open' | 'ended' | 'ready' | 'failed';

/** The visit and its clip. Times are ISO 8601 UTC. Numbers and addresses of alerts are of whoever tells, not of the event. */
export interface EventFacts {
  readonly id: string;
  readonly camera: string;
  readonly state: EventState;
  /** when something was last learned of it */
  readonly updatedAt: string;
  readonly label: string;
  readonly startedAt: string;
  /** last time somebody was seen */
  readonly endedAt?: string;
  readonly score: number;
  readonly count: number;
  readonly people: number;
  readonly box: Box;
  readonly zones: readonly string[];
  /** why it ended, or why there is no clip */
  readonly reason?: string;
  readonly continues?: string;
  readonly latencyMs: Latencies;
  /** a snapshot can be fetched */
  readonly hasSnapshot?: boolean;
  readonly feed: Feed;
  readonly files: readonly ClipFile[];
  /** of the clip as it is, not as it was asked for; `preRollMs` is known once the clip can be watched, the rest once it is ready */
  readonly preRollMs?: number;
  readonly postRollMs?: number;
  readonly durationMs?: number;
  readonly bytes?: number;
  readonly droppedFrames: number;
  /** of what it was recorded with */
  readonly configHash: string;
}

/** event.json. Schema 1, which was the last alert of an event, is read as this (src/store/folder/schema-one.ts). */
export interface EventRecord extends EventFacts {
  readonly schema: 2;
  /** counts what was kept of this event; 0 as read from schema 1 */
  readonly revision: number;
  /** never deleted by retention */
  readonly protected?: boolean;
  /** its place in the hash chain of its camera; there once the event is closed and on disk */
  readonly chain?: ChainLink;
}

/** An event in the HTTP API and on the page: the record, with what an alert says of it (`at` is `updatedAt`). */
export interface EventView extends Omit<EventRecord, 'state' | 'updatedAt' | 'hasSnapshot'> {
  readonly type: AlertType;
  readonly at: string;
  readonly urls: AlertUrls;
}

/** An event and where it lies. */
export interface FoundEvent {
  readonly camera: string;
  /** undefined between the folder and the first save */
  readonly record: EventRecord | undefined;
  /** absolute path */
  readonly folder: string;
  /** while the clip grows */
  readonly clip: OpenClip | undefined;
  readonly isOpen: boolean;
}

/** `hash` covers `previous` and what the event holds (src/store/ledger/chain.ts); hashes are SHA-256 in hex. */
export interface ChainLink {
  /** counts closed events of a camera from 1 */
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
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
export interface EventPage<Event = EventRecord> {
  /** newest first */
  readonly events: readonly Event[];
  /** present when older events match, too */
  readonly next?: string;
}
