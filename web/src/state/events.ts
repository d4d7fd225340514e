/** The list of events: newest first, a page at a time, of all cameras or of one. */
import { computed, signal } from '@preact/signals';
import type { EventView } from '../../../src/messages/event.ts';
import { fetchEvents, NO_ANSWER, sentenceOf } from '../api.ts';
import { type EventChange, emptyList, type EventList, phaseOf, reduceEvents } from '../core/events.ts';

export const list = signal<EventList>(emptyList);
export const openEvent = computed(() => list.value.events.find((event) => phaseOf(event) === 'live'));

function change(of: EventChange): void {
  list.value = reduceEvents(list.value, of);
}

export function filterByCamera(camera: string | undefined): void {
  if (camera === list.value.camera) return;
  change({ type: 'reset', camera });
  void refreshEvents();
}

export async function loadOlder(): Promise<void> {
  const { next, camera, isLoadingOlder } = list.value;
  if (next === undefined || isLoadingOlder) return;
  change({ type: 'loadOlder' });
  await loadPage({ cursor: next, camera });
}

export async function refreshEvents(): Promise<void> {
  await loadPage({ camera: list.value.camera });
}

async function loadPage(query: { readonly cursor?: string; readonly camera: string | undefined }): Promise<void> {
  try {
    const page = await fetchEvents(query);
    if (query.camera !== list.value.camera) return;
    change({ type: 'page', events: page.events, next: page.next, isFirst: query.cursor === undefined });
  } catch (error) {
    if (query.camera === list.value.camera) change({ type: 'failed', message: sentenceOf(error) });
  }
}

/** One changed, or is new. */
export function noteListed(event: EventView): void {
  change({ type: 'notice', event });
}

export function dropListed(id: string): void {
  change({ type: 'deleted', id });
}

/** Nobody answers: who still waits for the first page is told. */
export function stopLoading(): void {
  if (list.value.status === 'loading') change({ type: 'failed', message: NO_ANSWER });
}
