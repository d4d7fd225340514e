/** One event in full: head, player, facts. Stays mounted from LIVE to recorded. */
import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { type Phase, phaseOf } from '../core/events.ts';
import { agoText, countText, dayText, fullText, timeText } from '../core/format.ts';
import { hashOf } from '../core/route.ts';
import { ClipPlayer } from '../player/clip-player.tsx';
import { slowNowMs } from '../state/clock.ts';
import { list } from '../state/events.ts';
import { copyText } from '../parts/copy-text.ts';
import { LiveBadge } from '../parts/event-card.tsx';
import { Facts } from '../parts/facts.tsx';
import { Fate } from '../parts/fate.tsx';
import { Icon } from '../parts/icon.tsx';
import { WhyLine } from '../parts/why-line.tsx';

const PHASE_TEXT: Record<Phase, string> = {
  live: 'Live',
  finishing: 'Ended, saving',
  ready: 'Recorded',
  failed: 'Not recorded',
};

interface EventPageProps {
  readonly event: EventView;
  /** the address names it; otherwise it is here because it is the newest */
  readonly isAsked: boolean;
  readonly autoplay: boolean;
}

export function EventPage({ event, isAsked, autoplay }: EventPageProps) {
  const phase = phaseOf(event);
  const startedMs = Date.parse(event.startedAt);
  useEventKeys(event.id, isAsked);
  /** Who plays an older clip wants to keep it when somebody else walks in. */
  const pin = (): void => {
    if (!isAsked && phase !== 'live') location.hash = hashOf({ name: 'event', id: event.id });
  };
  return (
    <article class="event-page" data-testid="event-page" data-event-id={event.id}>
      <header class="event-head">
        <a class="icon-button back" href="#/" aria-label="Back to the list">
          <Icon name="back" />
        </a>
        <div class="event-title">
          <h2>
            {countText(Math.max(1, event.people), event.label)} <span>at {event.camera}</span>
          </h2>
          <p>
            <time dateTime={event.startedAt} title={fullText(startedMs)}>
              {dayText(startedMs, slowNowMs.value)}, {timeText(startedMs)}
            </time>
            <span class="sep" />
            {agoText(startedMs, slowNowMs.value)}
          </p>
        </div>
        <span class="event-state" data-testid="event-state" data-state={phase} role="status">
          {phase === 'live' ? <LiveBadge /> : PHASE_TEXT[phase]}
        </span>
        <Neighbours id={event.id} />
        <CopyLink id={event.id} />
      </header>
      <ClipPlayer event={event} autoplay={autoplay} onBegin={pin} />
      <WhyLine event={event} />
      <Facts event={event} />
      {(phase === 'ready' || phase === 'failed') && <Fate event={event} key={event.id} />}
    </article>
  );
}

function neighboursOf(id: string): { readonly newer: string | undefined; readonly older: string | undefined } {
  const { events } = list.value;
  const index = events.findIndex((event) => event.id === id);
  return { newer: index > 0 ? events[index - 1]?.id : undefined, older: index < 0 ? undefined : events[index + 1]?.id };
}

function Neighbours({ id }: { readonly id: string }) {
  const { newer, older } = neighboursOf(id);
  return (
    <nav class="neighbours" aria-label="Other events">
      <a
        class="icon-button"
        aria-disabled={newer === undefined}
        aria-label="Newer event"
        title="Newer event (K)"
        {...linkTo(newer)}
      >
        <Icon name="up" />
      </a>
      <a
        class="icon-button"
        aria-disabled={older === undefined}
        aria-label="Older event"
        title="Older event (J)"
        {...linkTo(older)}
      >
        <Icon name="down" />
      </a>
    </nav>
  );
}

function linkTo(id: string | undefined): { href?: string } {
  return id === undefined ? {} : { href: hashOf({ name: 'event', id }) };
}

function useEventKeys(id: string, isAsked: boolean): void {
  useEffect(() => {
    const life = new AbortController();
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]'))
        return;
      const { newer, older } = neighboursOf(id);
      if (event.key === 'j' && older !== undefined) location.hash = hashOf({ name: 'event', id: older });
      if (event.key === 'k' && newer !== undefined) location.hash = hashOf({ name: 'event', id: newer });
      if (event.key === 'Escape' && isAsked && !document.fullscreenElement) location.hash = '#/';
    };
    addEventListener('keydown', onKey, { signal: life.signal });
    return () => life.abort();
  }, [id, isAsked]);
}

function CopyLink({ id }: { readonly id: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const url = new URL(hashOf({ name: 'event', id }), location.href).href;
    if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
      await navigator.share({ url, title: document.title }).catch(() => undefined); // the person closed the sheet
      return;
    }
    if (!(await copyText(url))) return;
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 1600);
  };
  const label = isCopied ? 'Link copied' : 'Copy the link to this event';
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'link'} />
    </button>
  );
}
