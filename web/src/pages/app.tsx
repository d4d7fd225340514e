/** The frame of the page: header, notices, and list and stage — side by side where there is room, else one at a time. */
import { useLayoutEffect } from 'preact/hooks';
import { hashOf } from '../core/route.ts';
import { isWide, route } from '../state/route.ts';
import { Notices } from '../parts/notices.tsx';
import { CameraList } from '../parts/camera-list.tsx';
import { EventListView } from '../parts/event-list.tsx';
import { Header } from '../parts/header.tsx';
import { Stage } from './stage.tsx';
import { StorageLine } from '../parts/storage-line.tsx';
import { Summary } from '../parts/summary.tsx';

/** Where the list was left, for the way back from an event. Side by side, list and stage scroll by themselves. */
let listScrollPx = 0;
history.scrollRestoration = 'manual';
addEventListener('scroll', () => {
  if (route.peek().name === 'timeline') listScrollPx = scrollY;
});

export function App() {
  const isStagePage = route.value.name !== 'timeline';
  useLayoutEffect(() => scrollTo(0, isStagePage ? 0 : listScrollPx), [isStagePage]);
  return (
    <div class="app" data-view={isStagePage ? 'event' : 'timeline'}>
      <a class="skip" href={hashOf(route.value)} onClick={toContent}>
        Skip to the content
      </a>
      <Header />
      <Notices />
      <div class="columns">
        {(isWide.value || !isStagePage) && (
          <div class="rail" id={isWide.value ? 'rail' : 'main'} tabIndex={-1}>
            <Summary />
            <CameraList />
            <EventListView />
            <StorageLine />
          </div>
        )}
        {(isWide.value || isStagePage) && (
          <main class="stage" id="main" tabIndex={-1}>
            <Stage />
          </main>
        )}
      </div>
    </div>
  );
}

/** The part of an address after `#` is a page here, so the focus moves by hand. */
function toContent(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
