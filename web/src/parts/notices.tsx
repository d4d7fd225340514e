/** What the viewer must know before anything else: the recorder is away, or says that it is not well. */
import { cameras } from '../state/cameras.ts';
import { connection } from '../state/connection.ts';
import { list } from '../state/events.ts';
import { troubles } from '../state/health.ts';
import { Icon } from './icon.tsx';

export function Notices() {
  const isAway = connection.value === 'lost';
  const hasOldNews = cameras.value !== undefined || list.value.events.length > 0;
  return (
    <div class="notices" role="status" aria-live="polite">
      {isAway && (
        <p class="notice" data-tone="bad">
          <Icon name="alert" />
          {hasOldNews
            ? 'The recorder cannot be reached. What you see may be out of date.'
            : 'The recorder cannot be reached. This page connects by itself as soon as it answers.'}
        </p>
      )}
      {!isAway &&
        troubles.value.map((reason) => (
          <p class="notice" data-tone="warn" key={reason}>
            <Icon name="alert" />
            {reason}
          </p>
        ))}
    </div>
  );
}
