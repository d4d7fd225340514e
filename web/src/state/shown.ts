/** The event on the stage: the one in the address; on a wide screen without one, the newest, open ones first. */
import { computed, effect, signal } from '@preact/signals';
import type { EventView } from '../../../src/messages/event.ts';
import { ApiError, fetchEvent, sentenceOf } from '../api.ts';
import { newerOf, phaseOf } from '../core/events.ts';
import type { Route } from '../core/route.ts';
import { list } from './events.ts';
import { isWide, route } from './route.ts';

type Lookup =
  | { readonly id: string; readonly status: 'loading' | 'missing' }
  | { readonly id: string; readonly status: 'failed'; readonly message: string };

/** an event that was asked for by address; it may be older than the list */
const extra = signal<EventView | undefined>(undefined);
const lookup = signal<Lookup | undefined>(undefined);
/** The open event that a wide screen follows: kept while it is open, also when a second camera sees somebody. */
const followed = signal<string | undefined>(undefined);

export const shown = computed<EventView | undefined>(() => {
  const { value } = route;
  if (value.name === 'event') return known(value.id);
  return isWide.value ? (known(followed.value ?? '') ?? list.value.events[0]) : undefined;
});
export const shownLookup = computed(() => (shown.value ? undefined : lookup.value));

function known(id: string): EventView | undefined {
  const listed = list.value.events.find((event) => event.id === id);
  const asked = extra.value?.id === id ? extra.value : undefined;
  return listed && asked ? newerOf(listed, asked) : (listed ?? asked);
}

/** Fetches the event of the address once it is clear that the list does not hold it. */
export async function lookUp(id: string): Promise<void> {
  if (extra.value?.id !== id) lookup.value = { id, status: 'loading' };
  try {
    extra.value = await fetchEvent(id);
    if (lookup.value?.id === id) lookup.value = undefined;
  } catch (error) {
    if (lookup.value?.id !== id) return;
    const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 410);
    lookup.value = isMissing ? { id, status: 'missing' } : { id, status: 'failed', message: sentenceOf(error) };
  }
}

/** After the list was fetched anew: the event of that address, where it is not listed and nobody looks it up already. */
export async function refreshShown(of: Route): Promise<void> {
  if (of.name !== 'event' || list.value.events.some(({ id }) => id === of.id)) return;
  if (lookup.value?.status !== 'loading') await lookUp(of.id);
}

/** One changed. */
export function noteShown(event: EventView): void {
  if (extra.value?.id === event.id) extra.value = newerOf(extra.value, event);
}

/** The event is gone; a page that shows it says so. */
export function dropShown(id: string): void {
  if (extra.value?.id === id) extra.value = undefined;
  if (route.value.name === 'event' && route.value.id === id) lookup.value = { id, status: 'missing' };
}

export function startShown(): void {
  effect(() => {
    const open = list.value.events.filter((event) => phaseOf(event) === 'live');
    if (!open.some(({ id }) => id === followed.peek())) followed.value = open[0]?.id;
  });
  effect(() => {
    const { value } = route;
    const isListed = value.name === 'event' && known(value.id) !== undefined;
    if (value.name === 'event' && !isListed && list.value.status !== 'loading' && lookup.peek()?.id !== value.id)
      void lookUp(value.id);
  });
}
