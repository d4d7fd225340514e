/** What is kept of an event: event.json and the HTTP API. */
import type { Alert } from './alert.ts';
import type { ClipFile, OpenClip } from './clip.ts';
import type { Feed } from './video.ts';

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

/** An event and where it lies. */
export interface FoundEvent {
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
export interface EventPage {
  /** newest first */
  readonly events: readonly EventRecord[];
  /** present when older events match, too */
  readonly next?: string;
}
