/** Whether the recorder's notices reach this page. */
import { signal } from '@preact/signals';
import { addressOf } from '../api.ts';
import { followStream, type StreamHandlers } from '../stream.ts';

export type Connection = 'connecting' | 'open' | 'lost';

export const connection = signal<Connection>('connecting');
let reopen = (): void => undefined;

export function connect(handlers: StreamHandlers): void {
  reopen = followStream(addressOf('api/v1/stream'), {
    onOpen: () => {
      connection.value = 'open';
      handlers.onOpen();
    },
    onLost: () => {
      connection.value = 'lost';
      handlers.onLost();
    },
    onNotice: (notice) => handlers.onNotice(notice),
  });
}

/** A stream whose network vanished does not end by itself: it is lost, and opened again after a wait. */
export function reconnect(): void {
  reopen();
}
