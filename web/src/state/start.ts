/**
 * Connects what the page knows to the recorder: fetched with every connection, kept up to date by its notices. A file of this folder
 * per noun, as signals: pages and parts read them, only this folder writes.
 */
import { batch } from '@preact/signals';
import { unanswered } from '../../../src/lib/never.ts';
import type { Notice } from '../../../src/messages/notice.ts';
import { doubtCameras, forgetCamera, noteCamera, refreshCameras } from './cameras.ts';
import { startClock } from './clock.ts';
import { connect } from './connection.ts';
import { noteListed, refreshEvents, stopLoading } from './events.ts';
import { forget } from './fate.ts';
import { refreshHealth, startHealth } from './health.ts';
import { route, startRoute } from './route.ts';
import { noteShown, refreshShown, startShown } from './shown.ts';

/** Call once. */
export function startState(): void {
  connect({ onOpen: () => void refreshAll(), onLost, onNotice });
  startClock();
  startHealth();
  startRoute();
  startShown();
}

function onLost(): void {
  doubtCameras();
  stopLoading();
}

async function refreshAll(): Promise<void> {
  const { value } = route;
  await Promise.all([refreshCameras(), refreshEvents(), refreshHealth()]);
  await refreshShown(value);
}

function onNotice(notice: Notice): void {
  switch (notice.type) {
    case 'event':
      batch(() => {
        noteListed(notice.event);
        noteShown(notice.event);
      });
      return;
    case 'deleted':
      forget(notice.id);
      return;
    case 'camera':
      noteCamera(notice.camera);
      void refreshHealth();
      return;
    case 'gone':
      forgetCamera(notice.camera);
      void refreshHealth();
      return;
    default:
      unanswered(notice);
  }
}
