/** The cameras: state with reason and since, people now and so far, a way to the open event. */
import type { CameraView } from '../../../src/messages/camera.ts';
import { fullText, sinceText } from '../core/format.ts';
import { hashOf } from '../core/route.ts';
import { cameras } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { connection } from '../state/connection.ts';

const STATE_TEXT: Record<CameraView['status']['state'], string> = {
  online: 'Online',
  offline: 'Offline',
  degraded: 'Degraded',
  disabled: 'Switched off',
};

export function CameraList() {
  const views = cameras.value;
  return (
    <section class="cameras" aria-label="Cameras">
      {views?.map((view) => (
        <CameraCard view={view} key={view.name} />
      ))}
      {views?.length === 0 && <p class="quiet">No camera is configured.</p>}
      {views === undefined && connection.value !== 'lost' && <div class="camera skeleton" aria-hidden="true" />}
    </section>
  );
}

function CameraCard({ view }: { readonly view: CameraView }) {
  const { name, status, person, openEvent } = view;
  const sinceMs = Date.parse(status.since);
  return (
    <article class="camera" data-testid="camera-card" data-camera={name} data-state={status.state} data-busy={person.count > 0}>
      <div class="camera-head">
        <span class="dot" />
        <h2>{name}</h2>
        {openEvent !== undefined && (
          <a class="watch" href={hashOf({ name: 'event', id: openEvent })} aria-label={`Watch ${name} live`}>
            Watch live
          </a>
        )}
        <span class="camera-people">
          <strong>{person.count}</strong> in view
        </span>
      </div>
      <p class="camera-detail">
        <span class="camera-state" title={fullText(sinceMs)}>
          {STATE_TEXT[status.state]} since {sinceText(sinceMs, slowNowMs.value)}
        </span>
        <span class="sep" />
        {person.total} seen so far
        <a
          class="why-link"
          href={hashOf({ name: 'why', camera: name })}
          data-testid="why-link"
          title={`What is decided at ${name}, and by which rule`}
        >
          Why?
        </a>
      </p>
      {status.reason && status.state !== 'online' && <p class="camera-reason">{status.reason}</p>}
    </article>
  );
}
