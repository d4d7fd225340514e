/** What is known of an event, and its files. */
import type { ComponentChildren } from 'preact';
import type { EventView } from '../../../src/messages/event.ts';
import { clipUrl } from '../api.ts';
import { phaseOf } from '../core/events.ts';
import { bytesText, durationText, latencyText, percentText, timeText } from '../core/format.ts';
import { hashOf } from '../core/route.ts';
import { isSeeing } from '../state/cameras.ts';
import { list } from '../state/events.ts';
import { Duration } from './event-card.tsx';

const REASON_TEXT = new Map([
  ['left', 'Everyone left'],
  ['max', 'Longest length reached'],
  ['source', 'The camera went away'],
  ['stopped', 'Lookout was stopped'],
  ['restart', 'Lookout restarted'],
]);

export function Facts({ event }: { readonly event: EventView }) {
  const phase = phaseOf(event);
  const nextPart = list.value.events.find(({ continues }) => continues === event.id);
  return (
    <section class="facts" aria-label="Facts">
      <dl class="fact-grid">
        <Fact name="First seen">{timeText(Date.parse(event.startedAt))}</Fact>
        <Fact name="Last seen">{lastSeenText(event)}</Fact>
        <Fact name="In view for">
          <Duration event={event} />
        </Fact>
        {phase === 'live' && <Fact name="People now">{isSeeing(event.camera) ? event.count : 'not known'}</Fact>}
        <Fact name={phase === 'live' ? 'People so far' : 'People'}>{event.people}</Fact>
        <Fact name="Best score">{percentText(event.score)}</Fact>
        {event.preRollMs !== undefined && <Fact name="Pre-roll">{(event.preRollMs / 1000).toFixed(1)} s</Fact>}
        {event.durationMs !== undefined && <Fact name="Clip">{durationText(event.durationMs)}</Fact>}
        {event.bytes !== undefined && <Fact name="Size">{bytesText(event.bytes)}</Fact>}
        {phase !== 'live' && event.reason !== undefined && (
          <Fact name={phase === 'failed' ? 'Not recorded' : 'Ended because'}>
            {REASON_TEXT.get(event.reason) ?? event.reason}
          </Fact>
        )}
        {event.zones.length > 0 && <Fact name="Zones">{event.zones.join(', ')}</Fact>}
        {event.droppedFrames > 0 && (
          <Fact name="Dropped frames" tone="warn">
            {event.droppedFrames}
          </Fact>
        )}
        {event.continues !== undefined && (
          <Fact name="Continues">
            <a href={hashOf({ name: 'event', id: event.continues })}>the part before</a>
          </Fact>
        )}
        {nextPart && (
          <Fact name="Goes on in">
            <a href={hashOf({ name: 'event', id: nextPart.id })}>the next part</a>
          </Fact>
        )}
      </dl>
      <Latency event={event} />
      <Files event={event} />
    </section>
  );
}

function Fact({ name, tone, children }: { name: string; tone?: 'warn'; children: ComponentChildren }) {
  return (
    <div data-tone={tone}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** From light on the sensor to the alert, part by part. */
function Latency({ event: { latencyMs } }: { readonly event: EventView }) {
  const parts = [
    { name: 'Detect', ms: latencyMs.frameToDetect },
    { name: 'Confirm', ms: latencyMs.detectToConfirm },
    { name: 'Publish', ms: latencyMs.confirmToPublish ?? 0 },
  ];
  const totalMs = parts.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <div class="latency">
      <h3>
        Frame to alert <strong>{latencyText(totalMs)}</strong>
      </h3>
      <div class="latency-bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <span key={name} data-part={name} style={{ flexGrow: Math.max(ms, totalMs / 100) }} />
        ))}
      </div>
      <ul>
        {parts.map(({ name, ms }) => (
          <li key={name} data-part={name}>
            {name} <span>{latencyText(ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Files({ event }: { readonly event: EventView }) {
  const clipName = event.urls.clip?.split('/').at(-1);
  const links: readonly (readonly [string, string])[] = [
    ...(clipName && clipName !== 'index.m3u8' ? [['Clip', clipName] as const] : []),
    ['Playlist', 'index.m3u8'],
    ['Snapshot', 'snapshot.jpg'],
    ['Detections', 'detections.json'],
  ];
  return (
    <ul class="files" aria-label="Files">
      {links.map(([name, file]) => (
        <li key={file}>
          <a href={clipUrl(event.id, file)} download={`${event.camera}-${event.id}-${file}`}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function lastSeenText({ endedAt, count, camera }: EventView): string {
  if (endedAt !== undefined) return timeText(Date.parse(endedAt));
  if (!isSeeing(camera)) return 'not known';
  return count > 0 ? 'in view' : 'out of view';
}
