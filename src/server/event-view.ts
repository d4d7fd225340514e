/** EventRecord → an event in the API, with the addresses of this run. Pure. */
import { unanswered } from '../lib/never.ts';
import { addressesOf } from '../media/event-addresses.ts';
import type { AlertType } from '../messages/alert.ts';
import type { EventRecord, EventView } from '../messages/event.ts';

export function viewOf(record: EventRecord, baseUrl: string | undefined): EventView {
  const { state, updatedAt, hasSnapshot, ...rest } = record;
  const urls = addressesOf(record.id, { baseUrl, hasSnapshot, hasClip: state === 'ready' });
  return { ...rest, type: typeOf(record), at: updatedAt, urls };
}

/** The alert that says the same. An `update` changes what is known of an event, not where it stands. */
function typeOf({ state, preRollMs }: EventRecord): AlertType {
  switch (state) {
    case 'open':
      return preRollMs === undefined ? 'start' : 'live';
    case 'ended':
      return 'end';
    case 'ready':
    case 'failed':
      return state;
    default:
      return unanswered(state);
  }
}
