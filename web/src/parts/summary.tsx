/** One sentence to read from across the room, also where nobody can see. */
import { phaseOf } from '../core/events.ts';
import { agoText } from '../core/format.ts';
import { blindText, headline, type Sight } from '../core/sight.ts';
import { cameras, sight } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { connection } from '../state/connection.ts';
import { list } from '../state/events.ts';

export function Summary() {
  const { value } = sight;
  const isBusy = (value?.people ?? 0) > 0;
  const isBlind = value ? value.seeing.length === 0 : connection.value === 'lost';
  const title = value ? headline(value, slowNowMs.value) : isBlind && cameras.value ? 'Cannot see' : 'Lookout';
  return (
    <section class="summary" data-testid="summary" data-busy={isBusy} data-blind={isBlind}>
      <h1>{title}</h1>
      <p>{value ? detail(value) : isBlind ? 'Waiting for the recorder' : 'Connecting to the recorder'}</p>
    </section>
  );
}

function detail(now: Sight): string {
  const blind = now.seeing.length === 0 ? undefined : blindText(now, slowNowMs.value);
  const busy = now.busy.length > 0 ? `at ${now.busy.join(', ')}, right now` : undefined;
  return [busy, blind, busy === undefined ? lastSeen() : undefined].filter((part) => part !== undefined).join(' · ');
}

function lastSeen(): string | undefined {
  if (list.value.status !== 'ready') return undefined;
  const last = list.value.events.find((event) => phaseOf(event) !== 'live');
  if (!last) return 'No events yet';
  return `Last seen ${agoText(Date.parse(last.endedAt ?? last.startedAt), slowNowMs.value)} at ${last.camera}`;
}
