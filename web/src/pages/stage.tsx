/** Beside or instead of the list: the event or the question of the address, or — on a wide screen — whatever is newest. */
import { useEffect } from 'preact/hooks';
import { unanswered } from '../../../src/lib/never.ts';
import type { EventView } from '../../../src/messages/event.ts';
import { phaseOf } from '../core/events.ts';
import { hashOf } from '../core/route.ts';
import { blindText } from '../core/sight.ts';
import { isSeeing, sight } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { connection } from '../state/connection.ts';
import { list, openEvent } from '../state/events.ts';
import { route } from '../state/route.ts';
import { lookUp, shown, shownLookup } from '../state/shown.ts';
import { EventPage } from './event-page.tsx';
import { Icon } from '../parts/icon.tsx';
import { WhyPage } from './why-page.tsx';

export function Stage() {
  const event = shown.value;
  const id = event?.id;
  useEffect(() => {
    if (route.peek().name === 'event') document.getElementById('main')?.scrollTo({ top: 0 });
  }, [id]);
  const { value } = route;
  switch (value.name) {
    case 'why':
      return <WhyPage route={value} />;
    case 'event':
      return event ? <Watched event={event} isAsked /> : <NotFound />;
    case 'timeline':
      return event ? <Watched event={event} isAsked={false} /> : <NoEvent />;
    default:
      return unanswered(value);
  }
}

function Watched({ event, isAsked }: { readonly event: EventView; readonly isAsked: boolean }) {
  return (
    <>
      <ElsewhereLive shownId={event.id} />
      <EventPage key={event.id} event={event} isAsked={isAsked} autoplay={isAsked || phaseOf(event) === 'live'} />
    </>
  );
}

/** Somebody came while an older clip is watched: say so, never take the clip away. */
function ElsewhereLive({ shownId }: { readonly shownId: string }) {
  const live = openEvent.value;
  if (!live || live.id === shownId) return null;
  return (
    <a class="elsewhere" href={hashOf({ name: 'event', id: live.id })}>
      <span class="live-badge">Live</span>
      {isSeeing(live.camera) ? `Somebody is at ${live.camera} now` : `Somebody was at ${live.camera} when it was last seen`}
      <strong>Watch</strong>
    </a>
  );
}

/** The event of the address, while it is fetched or where it cannot be. */
function NotFound() {
  const lookup = shownLookup.value;
  if (lookup?.status === 'missing') {
    return (
      <div class="empty">
        <h2>This event is no longer here</h2>
        <p>It may have been deleted, or its time to be kept has passed.</p>
        <a class="button" href="#/">
          To the timeline
        </a>
      </div>
    );
  }
  if (lookup?.status === 'failed') {
    return (
      <div class="empty">
        <h2>The event could not be loaded</h2>
        <p>{lookup.message}</p>
        <button type="button" class="button" onClick={() => void lookUp(lookup.id)}>
          Try again
        </button>
      </div>
    );
  }
  return <Skeleton />;
}

function Skeleton() {
  return <div class="skeleton stage-skeleton" aria-label="Loading" />;
}

function NoEvent() {
  if (list.value.status === 'loading') return <Skeleton />;
  const { value } = sight;
  if (!value && connection.value !== 'lost') return <Skeleton />;
  if (!value || value.seeing.length === 0) return <Blind text={value && blindText(value, slowNowMs.value)} />;
  return (
    <div class="empty stage-empty">
      <Icon name="camera" />
      <h2>
        {value.blind.length === 0 ? 'Keeping watch' : `Keeping watch at ${value.seeing.map(({ name }) => name).join(', ')}`}
      </h2>
      <p>Leave this page open: the next event plays here by itself, from the seconds before it began.</p>
    </div>
  );
}

/** No event, and no eye that could see one. */
function Blind({ text }: { readonly text: string | undefined }) {
  return (
    <div class="empty stage-empty">
      <Icon name="alert" />
      <h2>{text ?? 'Nobody keeps watch here now'}</h2>
      <p>What happens now is not seen. The next event plays here by itself once a camera sees again.</p>
    </div>
  );
}
