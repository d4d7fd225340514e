/**
 * The recorder's notices, for ever: one EventSource at a time. The browser's own reconnect gives up on any HTTP error,
 * so a closed stream is opened again here, with a wait that grows until one has held for a while: an open stream alone proves
 * nothing, it may be closed again at once or be the only thing that gets through. `onOpen` comes with every connection: the time before it
 * is unknown, so everything is fetched again.
 */
import { type Notice, NOTICE_TYPES } from '../../src/messages/notice.ts';

const MIN_WAIT_MS = 1000;
const MAX_WAIT_MS = 15_000;
const HELD_MS = 20_000;

export interface StreamHandlers {
  onOpen(): void;
  onLost(): void;
  onNotice(notice: Notice): void;
}

/** Returns what gives this connection up for a fresh one, for who has found out that it is dead. */
export function followStream(url: string, handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let triedNowMs = 0;

  const openAfter = (waitMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(open, waitMs);
  };

  const giveUp = (): void => {
    source?.close();
    if (performance.now() - triedNowMs > HELD_MS) failures = 0;
    openAfter(Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** failures));
    failures += 1;
    handlers.onLost();
  };

  function open(): void {
    clearTimeout(timer);
    source?.close();
    const current = new EventSource(url);
    source = current;
    triedNowMs = performance.now();
    current.addEventListener('open', () => handlers.onOpen());
    for (const type of NOTICE_TYPES) {
      current.addEventListener(type, ({ data }: MessageEvent<string>) =>
        handlers.onNotice({ type, ...JSON.parse(data) } as Notice),
      );
    }
    current.addEventListener('error', giveUp);
  }

  const openIfClosed = (): void => {
    if (document.visibilityState === 'visible' && source?.readyState !== EventSource.OPEN)
      openAfter(Math.max(0, triedNowMs + MIN_WAIT_MS - performance.now()));
  };
  addEventListener('online', openIfClosed);
  document.addEventListener('visibilitychange', openIfClosed);
  open();
  return giveUp;
}
