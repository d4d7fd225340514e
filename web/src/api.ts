/** The recorder's HTTP API, typed. A refusal becomes an ApiError with a sentence. */
import type { CameraView } from '../../src/messages/camera.ts';
import type { TrackLine } from '../../src/messages/clip.ts';
import type { EventPage, EventView } from '../../src/messages/event.ts';
import type { Health } from '../../src/messages/health.ts';
import type { WhyAnswer } from '../../src/messages/why.ts';

const PAGE_SIZE = 50;
const PATIENCE_MS = 20_000;

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What to say where no answer came at all. */
export const NO_ANSWER = 'The recorder does not answer.';

export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : NO_ANSWER;
}

/** What a recorder, or a proxy before it, lets us know. */
export type KnownHealth = Partial<Health> & Pick<Health, 'ok' | 'reasons'>;

/** Recorder's clock minus ours; a wall tablet's clock may be minutes off. Answers carry whole seconds, so less is noise. */
let clockOffsetMs = 0;

/** Wall time as the recorder has it. */
export function recorderNowMs(): number {
  return Date.now() + clockOffsetMs;
}

export async function fetchCameras(): Promise<readonly CameraView[]> {
  const { cameras } = await getJson<{ cameras: readonly CameraView[] }>('api/v1/cameras');
  return cameras;
}

export async function fetchEvents(query: {
  readonly cursor?: string | undefined;
  readonly camera?: string | undefined;
}): Promise<EventPage<EventView>> {
  const search = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (query.cursor !== undefined) search.set('cursor', query.cursor);
  if (query.camera !== undefined) search.set('camera', query.camera);
  return await getJson<EventPage<EventView>>(`api/v1/events?${search}`);
}

export async function fetchEvent(id: string): Promise<EventView> {
  return await getJson<EventView>(`api/v1/events/${encodeURIComponent(id)}`);
}

/** 503 is an answer here: not well, and why. */
export async function fetchHealth(): Promise<KnownHealth> {
  const response = await fetch(addressOf('api/v1/health'), { signal: patience(), headers: { accept: 'application/json' } });
  if (!response.ok && response.status !== 503) throw await refusal(response);
  const body = (await response.json()) as Partial<Health>;
  return { ...body, ok: body.ok ?? response.ok, reasons: (body.reasons ?? []).map(String) };
}

/** A protected event is never deleted to make room. */
export async function putProtected(id: string, isProtected: boolean): Promise<void> {
  await change(`api/v1/events/${encodeURIComponent(id)}/protected`, isProtected ? 'PUT' : 'DELETE');
}

export async function deleteEvent(id: string): Promise<void> {
  await change(`api/v1/events/${encodeURIComponent(id)}`, 'DELETE');
}

export async function fetchTrackLines(id: string, signal: AbortSignal): Promise<readonly TrackLine[]> {
  return await getJson<readonly TrackLine[]>(clipUrl(id, 'detections.json'), signal);
}

/** What was decided around a moment; no moment: now. */
export async function fetchWhy(
  camera: string,
  { atMs, windowMs }: { readonly atMs?: number | undefined; readonly windowMs: number },
): Promise<WhyAnswer> {
  const search = new URLSearchParams({ windowMs: String(windowMs) });
  if (atMs !== undefined) search.set('at', String(Math.round(atMs)));
  return await getJson<WhyAnswer>(`api/v1/cameras/${encodeURIComponent(camera)}/why?${search}`);
}

/** A file of an event's clip. */
export function clipUrl(id: string, file: string): string {
  return addressOf(`events/${encodeURIComponent(id)}/${file}`);
}

/**
 * What stands at a path relative to the page, which may stand below a path of a proxy. Never with a user and password that were
 * typed into the address bar: fetch() takes no such address, and resolves relative ones to it.
 */
export function addressOf(path: string): string {
  return new URL(path, location.origin + location.pathname).href;
}

/** A network that went away without a word answers never. */
function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS);
}

async function getJson<T>(url: string, signal = patience()): Promise<T> {
  const response = await fetch(addressOf(url), { signal, headers: { accept: 'application/json' } });
  noteClock(response);
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function change(url: string, method: 'PUT' | 'DELETE'): Promise<void> {
  const response = await fetch(addressOf(url), { method, signal: patience() });
  if (!response.ok) throw await refusal(response);
}

function noteClock(response: Response): void {
  const serverMs = Date.parse(response.headers.get('date') ?? '');
  if (!Number.isFinite(serverMs)) return;
  const offsetMs = serverMs + 500 - Date.now();
  clockOffsetMs = Math.abs(offsetMs) < 2500 ? 0 : offsetMs;
}

/** Errors are RFC 9457 problem documents; a proxy in between may answer with anything. */
async function refusal(response: Response): Promise<ApiError> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const problem = isJson ? ((await response.json()) as { title?: string; detail?: string }) : {};
  return new ApiError(response.status, problem.detail ?? problem.title ?? `The recorder answered ${response.status}.`);
}
