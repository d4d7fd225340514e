/** A line on the event page: why it started and which rules held candidates before, and the way to everything around it. */
import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { fetchTrackLines, fetchWhy } from '../api.ts';
import { hashOf } from '../core/route.ts';
import { startStory } from '../core/start-story.ts';

/** Around the moment of confirmation: the seconds before it matter. */
const WINDOW_MS = 10_000;

export function WhyLine({ event }: { readonly event: EventView }) {
  const confirmedMs = Date.parse(event.startedAt) + event.latencyMs.detectToConfirm;
  const [story, setStory] = useState<string | undefined>(undefined);
  useEffect(() => {
    const life = new AbortController();
    void storyOf(event, { atMs: confirmedMs, signal: life.signal }).then((text) => !life.signal.aborted && setStory(text));
    return () => life.abort();
  }, [event.id]);
  return (
    <p class="why-line" data-testid="why-line">
      <strong>{story ?? ''}</strong>
      <a class="why-link" href={hashOf({ name: 'why', camera: event.camera, atMs: confirmedMs, windowMs: 20_000 })}>
        Why?
      </a>
    </p>
  );
}

/** The why-log forgets after hours; the detections beside the clip do not. */
async function storyOf(
  event: EventView,
  { atMs, signal }: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    return (await fetchWhy(event.camera, { atMs: atMs - WINDOW_MS / 2 + 1000, windowMs: WINDOW_MS })).summary;
  } catch {
    return await fetchTrackLines(event.id, signal)
      .then((lines) => startStory(lines, event))
      .catch(() => undefined); // neither is there any more: the line is only the way to the question
  }
}
