/** A desk with a real store, a real broker and a subscriber; time stands still until the test moves it. */
import { AlertBook } from '../../src/alerts/alert-book.ts';
import { AlertDesk } from '../../src/alerts/alert-desk.ts';
import { NewsDesk } from '../../src/app/news-desk.ts';
import { CameraState } from '../../src/camera/camera-state.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { Notice } from '../../src/messages/notice.ts';
import { viewOf } from '../../src/server/event-view.ts';
import { openPublisher, readableLog, Subscriber } from '../publisher/harness.ts';
import { openStore, START_MS } from '../store/folder.ts';

export const URL_BASE = 'http://127.0.0.1:8080';

export async function house(dir: string) {
  let nowMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => nowMs, atMs: () => START_MS + 600 };
  const store = await openStore(dir);
  const { publisher, alerts: alertLog } = await openPublisher('embedded');
  const subscriber = await Subscriber.open(publisher.broker.url);
  const notices: Notice[] = [];
  store.onChange((event) => notices.push({ type: 'event', event: viewOf(event, URL_BASE) }));
  const camera = new CameraState('front', START_MS);
  const { log, lines } = readableLog('debug');
  const recordsWith = () => ({ feed: camera.feed, configHash: 'c0ffee' });
  const alerts = new AlertDesk({ book: new AlertBook(), alerts: alertLog, baseUrl: URL_BASE, store, recordsWith, clock, log });
  const desk = new NewsDesk({
    alerts,
    board: publisher.board,
    notify: (notice) => notices.push(notice),
    clock,
    log,
  });
  const departure = new AbortController();
  const subject = { state: camera, left: departure.signal };
  const news = desk.of(subject);
  news.onCame();
  return {
    alerts,
    desk,
    news,
    subject,
    leave: () => departure.abort(),
    store,
    publisher,
    subscriber,
    notices,
    lines,
    camera,
    pass: (ms: number) => (nowMs += ms),
    [Symbol.asyncDispose]: async () => {
      await subscriber[Symbol.asyncDispose]();
      await publisher.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
