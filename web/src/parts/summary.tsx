/** One sentence to read from across the room. */
import { phaseOf } from '../core/events.ts';
import { agoText, countText } from '../core/format.ts';
import { cameras, inView } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { connection } from '../state/connection.ts';
import { list } from '../state/events.ts';

export function Summary() {
  const isKnown = cameras.value !== undefined;
  return (
    <section class="summary" data-busy={inView.value > 0} data-stale={connection.value === 'lost'}>
      <h1>{isKnown ? (inView.value > 0 ? `${countText(inView.value)} in view` : 'Nobody in view') : 'Lookout'}</h1>
      <p>{isKnown ? detail() : connection.value === 'lost' ? 'Waiting for the recorder' : 'Connecting to the recorder'}</p>
    </section>
  );
}

function detail(): string {
  const busy = (cameras.value ?? []).filter(({ person }) => person.count > 0).map(({ name }) => name);
  if (busy.length > 0) return `at ${busy.join(', ')}, right now`;
  const last = list.value.events.find((event) => phaseOf(event) !== 'live');
  if (list.value.status !== 'ready') return 'All quiet';
  if (!last) return 'No events yet';
  return `Last seen ${agoText(Date.parse(last.endedAt ?? last.startedAt), slowNowMs.value)} at ${last.camera}`;
}
