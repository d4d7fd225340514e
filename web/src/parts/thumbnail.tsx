/**
 * thumb.webp, which shows the people, else snapshot.jpg, else a drawing. While an event is open its picture gets better: with
 * every alert it is asked for again.
 */
import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { clipUrl } from '../api.ts';
import { phaseOf } from '../core/events.ts';
import { Icon } from './icon.tsx';

export function Thumbnail({ event }: { readonly event: EventView }) {
  const [failures, setFailures] = useState(0);
  const phase = phaseOf(event);
  const version = phase === 'live' ? `?v=${event.revision}` : '';
  useEffect(() => setFailures(0), [version, phase]);
  const file = ['thumb.webp', 'snapshot.jpg'][failures];
  // No address is asked before an alert announced it.
  const hasPicture = file !== undefined && event.urls.snapshot !== undefined;
  return (
    <div class="thumb">
      {hasPicture ? (
        <img
          src={`${clipUrl(event.id, file)}${version}`}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailures(failures + 1)}
        />
      ) : (
        <Icon name="person" />
      )}
    </div>
  );
}
