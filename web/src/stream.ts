/**
 * The recorder's notices, for ever: one EventSource at a time. The browser's own reconnect gives up on any HTTP error,
 * so a closed stream is opened again here, with a growing wait. `onOpen` comes with every connection: the time before it
 * is unknown, so everything is fetched again.
 */
import { type Notice, NOTICE_TYPES } from '../../src/messages/notice.ts';

const MIN_WAIT_MS = 1000;
const MAX_WAIT_MS = 15_000;

export interface StreamHandlers {
  onOpen(): void;
  onLost(): void;
  onNotice(notice: Notice): void;
}

/** Returns what opens a fresh connection now, for who has found out that this one is dead. */
export function followStream(url: string, handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const open = (): void => {
    clearTimeout(timer);
    source?.close();
    const current = new EventSource(url);
    source = current;
    current.addEventListener('open', () => {
      failures = 0;
      handlers.onOpen();
    });
    for (const type of NOTICE_TYPES) {
      current.addEventListener(type, ({ data }: MessageEvent<string>) =>
        handlers.onNotice({ type, ...JSON.parse(data) } as Notice),
      );
    }
    current.addEventListener('error', () => {
      handlers.onLost();
      current.close();
      failures += 1;
      clearTimeout(timer);
      timer = setTimeout(open, Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** (failures - 1)));
    });
  };

  const openIfClosed = (): void => {
    if (document.visibilityState === 'visible' && source?.readyState !== EventSource.OPEN) open();
  };
  addEventListener('online', openIfClosed);
  document.addEventListener('visibilitychange', openIfClosed);
  open();
  return open;
}
