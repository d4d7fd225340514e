/** One event in the list: picture, when, where, who, how long, and what is special about it. */
import type { EventView } from '../../../src/messages/event.ts';
import { phaseOf, visitMs } from '../core/events.ts';
import { agoText, countText, durationText, fullText, percentText, timeText } from '../core/format.ts';
import { hashOf } from '../core/route.ts';
import { nowMs, slowNowMs } from '../state/clock.ts';
import { Thumbnail } from './thumbnail.tsx';

export function EventCard({ event, isShown }: { readonly event: EventView; readonly isShown: boolean }) {
  const phase = phaseOf(event);
  const startedMs = Date.parse(event.startedAt);
  return (
    <a
      class="card"
      href={hashOf({ name: 'event', id: event.id })}
      aria-current={isShown ? 'true' : undefined}
      data-testid="event-card"
      data-event-id={event.id}
      data-state={phase}
    >
      <Thumbnail event={event} />
      <div class="card-text">
        <div class="card-when">
          <time dateTime={event.startedAt} title={fullText(startedMs)}>
            {timeText(startedMs)}
          </time>
          {phase === 'live' ? <LiveBadge /> : <span class="ago">{agoText(startedMs, slowNowMs.value)}</span>}
        </div>
        <div class="card-who">
          {countText(Math.max(1, event.people), event.label)}
          <span class="sep" />
          <Duration event={event} />
        </div>
        <div class="card-where">
          {event.camera}
          <span class="sep" />
          <span title="Best score">{percentText(event.score)}</span>
          {event.continues !== undefined && <span class="tag">continued</span>}
        </div>
        {phase === 'finishing' && <div class="card-note">Saving the clip…</div>}
        {phase === 'failed' && (
          <div class="card-note" data-tone="bad">
            Not recorded: {event.reason ?? 'no reason was given'}
          </div>
        )}
      </div>
    </a>
  );
}

export function LiveBadge() {
  return (
    <span class="live-badge" data-testid="live-badge">
      Live
    </span>
  );
}

/** Ticks by itself while the event is open. */
export function Duration({ event }: { readonly event: EventView }) {
  const isOpen = event.endedAt === undefined && phaseOf(event) === 'live';
  return <span>{durationText(visitMs(event, isOpen ? nowMs.value : slowNowMs.value))}</span>;
}
