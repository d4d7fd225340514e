/** Events, newest first, cut into days; each day has a strip of its 24 hours. */
import type { ComponentChildren } from 'preact';
import { type EventDay, groupByDay, visitMs } from '../core/events.ts';
import { countText, dayFraction, dayText } from '../core/format.ts';
import { cameras, sight } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { filterByCamera, list, loadOlder, refreshEvents } from '../state/events.ts';
import { shown } from '../state/shown.ts';
import { EventCard } from './event-card.tsx';

const DAY_MS = 86_400_000;
/** Narrower marks could not be seen. */
const MIN_MARK = 0.006;
const WHEN_SOMEBODY_COMES = 'When a person walks into the picture, the event appears here at once, with the seconds before it.';

export function EventListView() {
  const { status, events, error } = list.value;
  const isAnySeeing = (sight.value?.seeing.length ?? 0) > 0;
  return (
    <section class="events" aria-label="Events" aria-busy={status === 'loading'}>
      <CameraFilter />
      {status === 'loading' && <Skeletons />}
      {status === 'failed' && (
        <Empty title="The events could not be loaded" text={error ?? ''}>
          <button type="button" class="button" onClick={() => void refreshEvents()}>
            Try again
          </button>
        </Empty>
      )}
      {status === 'ready' && events.length === 0 && (
        <Empty
          title={isAnySeeing ? 'Nothing has happened yet' : 'No events yet'}
          text={isAnySeeing ? WHEN_SOMEBODY_COMES : 'No camera can see now: who walks in is not noticed.'}
        />
      )}
      {groupByDay(events).map((day) => (
        <Day day={day} key={day.key} />
      ))}
      {status === 'ready' && events.length > 0 && <Older />}
    </section>
  );
}

function CameraFilter() {
  const names = (cameras.value ?? []).map(({ name }) => name);
  if (names.length < 2) return null;
  return (
    <div class="filter" role="group" aria-label="Show events of">
      {[undefined, ...names].map((name) => (
        <button type="button" key={name ?? '*'} aria-pressed={list.value.camera === name} onClick={() => filterByCamera(name)}>
          {name ?? 'All cameras'}
        </button>
      ))}
    </div>
  );
}

function Day({ day }: { readonly day: EventDay }) {
  const people = day.events.reduce((sum, event) => sum + event.people, 0);
  return (
    <section class="day">
      <header>
        <h2>{dayText(day.atMs, slowNowMs.value)}</h2>
        <span>
          {day.events.length === 1 ? '1 event' : `${day.events.length} events`}, {countText(people)}
        </span>
      </header>
      <DayStrip day={day} />
      <ol>
        {day.events.map((event) => (
          <li key={event.id} data-arrived={list.value.arrived.has(event.id)}>
            <EventCard event={event} isShown={shown.value?.id === event.id} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function DayStrip({ day }: { readonly day: EventDay }) {
  return (
    <svg class="day-strip" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      {[0.25, 0.5, 0.75].map((at) => (
        <rect class="hour" key={at} x={at} y="0" width="0.0015" height="1" />
      ))}
      {day.events.map((event) => {
        const width = Math.max(MIN_MARK, visitMs(event, slowNowMs.value) / DAY_MS);
        const x = Math.min(1 - width, dayFraction(Date.parse(event.startedAt)));
        return <rect key={event.id} x={x} y="0" width={width} height="1" />;
      })}
    </svg>
  );
}

function Older() {
  const { next, isLoadingOlder, error } = list.value;
  return (
    <div class="older">
      {error !== undefined && <p class="quiet">{error}</p>}
      {next === undefined ? (
        <p class="quiet">That is everything on the recorder.</p>
      ) : (
        <button type="button" class="button" disabled={isLoadingOlder} onClick={() => void loadOlder()}>
          {isLoadingOlder ? 'Loading…' : 'Load older'}
        </button>
      )}
    </div>
  );
}

function Empty({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

function Skeletons() {
  return (
    <div class="skeletons" aria-hidden="true">
      {[1, 2, 3, 4].map((n) => (
        <div class="skeleton card-skeleton" key={n} />
      ))}
    </div>
  );
}
