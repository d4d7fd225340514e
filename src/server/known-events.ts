/** What the server needs to know of events. The store satisfies it by its shape; the two do not import each other. */
import type { CameraView } from '../messages/camera.ts';
import type { OpenClip } from '../messages/clip.ts';
import type { EventPage, EventQuery, EventRecord } from '../messages/event.ts';
import type { WhyAnswer, WhyQuestion } from '../messages/why.ts';

export interface Catalogue {
  /** Newest first; `next` is the cursor of the following page. Throws a UserError for a cursor that is not one. */
  list(query: EventQuery): EventPage;
  find(id: string): EventRecord | undefined;
  /** absolute path of the event's folder */
  folder(id: string): string | undefined;
  /** while the event is open; after that its files are the truth */
  clip(id: string): OpenClip | undefined;
  /** a protected event is never deleted to make room; undefined where there is none of this id */
  protect(id: string, isProtected: boolean): Promise<EventRecord | undefined>;
  /** an event that is still open stays */
  delete(id: string, reason: 'asked'): Promise<'deleted' | 'open' | 'unknown' | 'protected'>;
  /** waits for the clip of an event that has just begun; undefined once the event is closed. Rejects with the signal's reason. */
  whenClip(id: string, signal: AbortSignal): Promise<OpenClip | undefined>;
}

/** What `GET /api/v1/health` answers; whatever else the object holds is shown as it is. */
interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** The rest of the house, as the routes see it. */
export interface Sources {
  readonly catalogue: Catalogue;
  readonly cameras: () => readonly CameraView[];
  readonly health: () => Health;
  /** what was decided of a camera around a moment; undefined where there is no such camera */
  readonly why: (camera: string, question: WhyQuestion) => WhyAnswer | undefined;
}
