/**
 * event.json of schema 1 → a record. Up to then an event was kept as its last alert, with the alert's number and with addresses of the
 * run that told it. What the hash chain covers has the same values in both, so that a link holds for either.
 */
import { unanswered } from '../../lib/never.ts';
import type { Alert, AlertType } from '../../messages/alert.ts';
import type { EventRecord, EventState } from '../../messages/event.ts';

/** What only an alert needs; the rest has the same name in both. */
type OfAlert = Pick<Alert, 'v' | 'node' | 'epoch' | 'seq' | 'type' | 'at' | 'urls'>;

export interface SchemaOne extends OfAlert, Omit<EventRecord, 'schema' | 'revision' | 'state' | 'updatedAt' | 'hasSnapshot'> {
  readonly schema: 1;
}

export function upgraded(old: SchemaOne): EventRecord {
  const { schema: _schema, v: _v, node: _node, epoch: _epoch, seq: _seq, type, at, urls, ...rest } = old;
  return {
    schema: 2,
    revision: 0,
    ...rest,
    state: stateAfter(type),
    updatedAt: at,
    ...(urls.snapshot !== undefined && { hasSnapshot: true }),
  };
}

function stateAfter(type: AlertType): EventState {
  switch (type) {
    case 'start':
    case 'live':
    case 'update':
      return 'open';
    case 'end':
      return 'ended';
    case 'ready':
    case 'failed':
      return type;
    default:
      return unanswered(type);
  }
}
