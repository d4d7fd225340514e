/** What is asked of the list of events, and a page of it: the words that the API and the store share. */
import type { EventRecord } from './messages.ts';

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

export interface EventPage {
  /** newest first */
  readonly events: readonly EventRecord[];
  /** present when older events match, too */
  readonly next?: string;
}
