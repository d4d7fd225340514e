/** What is known of an event → the alert of one type. Pure. What became of the clip is said by `ready` and `failed` alone. */
import { unanswered } from '../lib/never.ts';
import { addressesOf } from '../media/event-addresses.ts';
import type { AlertDraft, AlertType } from '../messages/alert.ts';
import type { EventFacts } from '../messages/event.ts';

type Known = Omit<EventFacts, 'updatedAt' | 'configHash' | 'feed' | 'files' | 'state'>;

export interface AlertOptions {
  readonly type: AlertType;
  /** ISO 8601 UTC */
  readonly at: string;
  /** what addresses begin with; without one they are paths */
  readonly baseUrl?: string | undefined;
}

export function alertOf(event: Known, { type, at, baseUrl }: AlertOptions): AlertDraft {
  const { id, camera, label, startedAt, endedAt, score, count, people, box, zones, hasSnapshot } = event;
  const { reason, continues, preRollMs, latencyMs } = event;
  return {
    type,
    id,
    camera,
    label,
    at,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    score,
    count,
    people,
    box,
    zones,
    ...(reason !== undefined && { reason }),
    ...(continues !== undefined && { continues }),
    urls: addressesOf(id, { baseUrl, hasSnapshot, hasClip: type === 'ready' }),
    ...(preRollMs !== undefined && { preRollMs }),
    ...outcomeOf(type, event),
    latencyMs,
  };
}

type Outcome = Pick<AlertDraft, 'postRollMs' | 'durationMs' | 'bytes' | 'droppedFrames'>;

function outcomeOf(type: AlertType, { postRollMs, durationMs, bytes, droppedFrames }: Known): Outcome {
  switch (type) {
    case 'start':
    case 'live':
    case 'update':
    case 'end':
      return {};
    case 'ready':
      return {
        ...(postRollMs !== undefined && { postRollMs }),
        ...(durationMs !== undefined && { durationMs }),
        ...(bytes !== undefined && { bytes }),
        droppedFrames,
      };
    case 'failed':
      return { droppedFrames };
    default:
      return unanswered(type);
  }
}
