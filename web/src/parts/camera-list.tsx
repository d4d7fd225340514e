/** The cameras: state with reason and since, people now (where anybody can know) and so far, a way to the open event. */
import type { CameraView } from '../../../src/messages/camera.ts';
import { fullText, sinceText } from '../core/format.ts';
import { hashOf } from '../core/route.ts';
import { STATE_TEXT } from '../core/sight.ts';
import { cameras, isCurrent } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { connection } from '../state/connection.ts';

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
  const count = isCurrent.value ? person.count : null;
  return (
    <article
      class="camera"
      data-testid="camera-card"
      data-camera={name}
      data-state={status.state}
      data-busy={(count ?? 0) > 0}
      data-blind={count === null}
    >
      <div class="camera-head">
        <span class="dot" />
        <h2>{name}</h2>
        {openEvent !== undefined && (
          <a class="watch" href={hashOf({ name: 'event', id: openEvent })} aria-label={`Watch ${name} live`}>
            Watch live
          </a>
        )}
        <span class="camera-people">
          {count === null ? (
            'Not known who is in view'
          ) : (
            <>
              <strong>{count}</strong> in view
            </>
          )}
        </span>
      </div>
      <p class="camera-detail">
        <span class="camera-state" title={fullText(sinceMs)}>
          {connection.value === 'lost' && 'When last heard of: '}
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
