/** What the page knows, as signals, and the few actions that change it. Views read; only this file writes. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { CameraView } from '../../src/messages/camera.ts';
import type { EventView } from '../../src/messages/event.ts';
import type { Notice } from '../../src/messages/notice.ts';
import {
  ApiError,
  deleteEvent,
  fetchCameras,
  fetchEvent,
  fetchEvents,
  fetchHealth,
  type Health,
  putProtected,
  recorderNowMs,
} from './api.ts';
import { type EventChange, emptyList, type EventList, newerOf, phaseOf, reduceEvents } from './core/events.ts';
import { parseRoute, type Route } from './core/route.ts';
import { followStream } from './stream.ts';

const TICK_MS = 1000;
const HEALTH_EVERY_MS = 30_000;
/** Wide enough for list and player side by side; the style sheet says the same. */
const WIDE = '(min-width: 1080px)';

export type Connection = 'connecting' | 'open' | 'lost';
type Lookup =
  | { readonly id: string; readonly status: 'loading' | 'missing' }
  | { readonly id: string; readonly status: 'failed'; readonly message: string };

export const route = signal<Route>(parseRoute(location.hash));
export const isWide = signal(matchMedia(WIDE).matches);
export const connection = signal<Connection>('connecting');
export const cameras = signal<readonly CameraView[] | undefined>(undefined);
export const list = signal<EventList>(emptyList);
export const storage = signal<Health['storage']>(undefined);
export const troubles = signal<readonly string[]>([]);
/** an event that was asked for by address; it may be older than the list */
const extra = signal<EventView | undefined>(undefined);
const lookup = signal<Lookup | undefined>(undefined);

/** every second, for what is LIVE; every ten, for "3 min ago" */
export const nowMs = signal(recorderNowMs());
export const slowNowMs = computed(() => Math.floor(nowMs.value / 10_000) * 10_000);

export const inView = computed(() => (cameras.value ?? []).reduce((sum, { person }) => sum + person.count, 0));
export const openEvent = computed(() => list.value.events.find((event) => phaseOf(event) === 'live'));

/** The event on the stage: the one in the address; on a wide screen without one, the newest, open ones first. */
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

/** The open event that a wide screen follows: kept while it is open, also when a second camera sees somebody. */
const followed = signal<string | undefined>(undefined);
let reopenStream = (): void => undefined;

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

async function refreshCameras(): Promise<void> {
  try {
    cameras.value = await fetchCameras();
  } catch (error) {
    troubles.value = [sentenceOf(error)];
  }
}

async function refreshHealth(): Promise<void> {
  try {
    const { ok, reasons, storage: room } = await fetchHealth();
    storage.value = room;
    troubles.value = ok ? [] : reasons;
  } catch (error) {
    if (error instanceof ApiError) troubles.value = [error.message];
    else if (connection.value === 'open') reopenStream(); // a stream whose network vanished does not end by itself
  }
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

function onNotice(notice: Notice): void {
  switch (notice.type) {
    case 'event':
      batch(() => {
        change({ type: 'notice', event: notice.event });
        if (extra.value?.id === notice.event.id) extra.value = newerOf(extra.value, notice.event);
      });
      return;
    case 'deleted':
      forget(notice.id);
      return;
    case 'camera':
      cameras.value = withCamera(cameras.value ?? [], notice.camera);
      void refreshHealth();
  }
}

/** The event is gone; a page that shows it says so. */
function forget(id: string): void {
  batch(() => {
    change({ type: 'deleted', id });
    if (extra.value?.id === id) extra.value = undefined;
    if (route.value.name === 'event' && route.value.id === id) lookup.value = { id, status: 'missing' };
  });
}

/** Resolves with a sentence where the recorder refuses. */
export async function protect(id: string, isProtected: boolean): Promise<string | undefined> {
  return await attempt(async () => await putProtected(id, isProtected));
}

export async function remove(id: string): Promise<string | undefined> {
  return await attempt(async () => {
    await deleteEvent(id);
    forget(id);
    location.hash = '#/';
  });
}

async function attempt(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return sentenceOf(error);
  }
}

function withCamera(views: readonly CameraView[], view: CameraView): readonly CameraView[] {
  const isKnown = views.some(({ name }) => name === view.name);
  return isKnown ? views.map((other) => (other.name === view.name ? view : other)) : [...views, view];
}

async function refreshAll(): Promise<void> {
  const { value } = route;
  await Promise.all([refreshCameras(), refreshEvents(), refreshHealth()]);
  const isListed = value.name === 'event' && list.value.events.some(({ id }) => id === value.id);
  if (value.name === 'event' && !isListed && lookup.value?.status !== 'loading') await lookUp(value.id);
}

function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'The recorder does not answer.';
}

/** Connects the page to the recorder. Call once. */
export function startStore(): void {
  reopenStream = followStream('api/v1/stream', {
    onOpen: () => {
      connection.value = 'open';
      void refreshAll();
    },
    onLost: () => {
      connection.value = 'lost';
      if (list.value.status === 'loading') change({ type: 'failed', message: 'The recorder does not answer.' });
    },
    onNotice,
  });
  setInterval(() => {
    if (document.visibilityState === 'visible') nowMs.value = recorderNowMs();
  }, TICK_MS);
  setInterval(() => void (connection.value === 'open' && refreshHealth()), HEALTH_EVERY_MS);
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
  });
  matchMedia(WIDE).addEventListener('change', ({ matches }) => {
    isWide.value = matches;
  });
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
