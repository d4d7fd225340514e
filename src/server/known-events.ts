/** What the server asks of the events on disk. The store satisfies it by its shape; the two do not import each other. */
import type { OpenClip } from '../messages/clip.ts';
import type { EventPage, EventQuery, EventRecord, FoundEvent } from '../messages/event.ts';
import { HttpError } from './problem.ts';
import type { Asked } from './route.ts';

export interface KnownEvents {
  /** Newest first; `next` is the cursor of the following page. Throws a UserError for a cursor that is not one. */
  list(query: EventQuery): EventPage;
  /** all that is known of an event at this moment; undefined where there is none of this id */
  event(id: string): FoundEvent | undefined;
  /** a protected event is never deleted to make room; undefined where there is none of this id */
  protect(id: string, isProtected: boolean): Promise<EventRecord | undefined>;
  /** an event that is still open stays */
  delete(id: string, reason: 'asked'): Promise<'deleted' | 'open' | 'unknown' | 'protected'>;
  /** waits for the clip of an event that has just begun; undefined once the event is closed. Rejects with the signal's reason. */
  whenClip(id: string, signal: AbortSignal): Promise<OpenClip | undefined>;
}

const ID = /^[0-9A-Z]{26}$/;

/** Throws a 404, also for an event of a camera that the caller may not see: that there is one, is told by nothing. */
export function eventOf({ params: { id }, caller }: Pick<Asked<'id'>, 'params' | 'caller'>, events: KnownEvents): FoundEvent {
  const event = ID.test(id) ? events.event(id) : undefined;
  if (!event || !caller.maySee(event.camera)) throw noEvent();
  return event;
}

export function noEvent(): HttpError {
  return new HttpError(404, 'There is no such event');
}
