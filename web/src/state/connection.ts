/** Whether the recorder's notices reach this page. */
import { signal } from '@preact/signals';
import { followStream, type StreamHandlers } from '../stream.ts';

export type Connection = 'connecting' | 'open' | 'lost';

export const connection = signal<Connection>('connecting');
let reopen = (): void => undefined;

export function connect(handlers: StreamHandlers): void {
  reopen = followStream('api/v1/stream', {
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

/** A stream whose network vanished does not end by itself. */
export function reconnect(): void {
  reopen();
}
