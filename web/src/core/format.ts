/** Numbers and times -> words. Local time is made here and nowhere else; every function is pure and takes its "now". */
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Where and how times are shown; empty = as the browser does. Tests say both. */
export interface Place {
  readonly locale?: string;
  readonly timeZone?: string;
}

/** Position in a clip: `0:07`, `12:03`, `1:00:09`. */
export function clipTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND_MS));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = String(seconds).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** `8 s`, `1 min 05 s`, `2 h 03 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `just now`, `3 min ago`, `5 h ago`, `2 days ago`. A time in the future (a clock that is off) is "just now". */
export function agoText(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (ms < 10 * SECOND_MS) return 'just now';
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** `14:02:11`, or as the browser's language writes it. */
export function timeText(atMs: number, place: Place = {}): string {
  return format(atMs, { timeStyle: 'medium' }, place);
}

/** `14:02` today, `Wed 14:02` within the week, `3 Nov` before. */
export function sinceText(atMs: number, nowMs: number, place: Place = {}): string {
  const clock = format(atMs, { timeStyle: 'short' }, place);
  if (dayKey(atMs, place) === dayKey(nowMs, place)) return clock;
  if (nowMs - atMs < 6 * DAY_MS) return `${format(atMs, { weekday: 'short' }, place)} ${clock}`;
  return format(atMs, { day: 'numeric', month: 'short' }, place);
}

/** `Thursday, 20 November 2026, 14:02:11`, for titles. */
export function fullText(atMs: number, place: Place = {}): string {
  return format(atMs, { dateStyle: 'full', timeStyle: 'medium' }, place);
}

/** The local day as `2026-11-20`: a key that sorts. */
export function dayKey(atMs: number, { timeZone }: Place = {}): string {
  return format(atMs, { year: 'numeric', month: '2-digit', day: '2-digit' }, { locale: 'en-CA', ...(timeZone && { timeZone }) });
}

/** `Today`, `Yesterday`, `Tuesday, 18 November`. */
export function dayText(atMs: number, nowMs: number, place: Place = {}): string {
  const key = dayKey(atMs, place);
  if (key === dayKey(nowMs, place)) return 'Today';
  if (key === dayKey(nowMs - DAY_MS, place)) return 'Yesterday';
  return format(atMs, { weekday: 'long', day: 'numeric', month: 'long' }, place);
}

/** Share of the local day that has passed at this moment, 0…1. */
export function dayFraction(atMs: number, place: Place = {}): number {
  const text = format(
    atMs,
    { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
    { ...place, locale: 'en-GB' },
  );
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return (hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS) / DAY_MS;
}

/** 0…1 -> `87 %`. */
export function percentText(score: number): string {
  return `${Math.round(score * 100)} %`;
}

/** `1 person`, `3 people`; other labels stay as the model calls them: `2 × dog`. */
export function countText(count: number, label = 'person'): string {
  if (label !== 'person') return count === 1 ? `1 ${label}` : `${count} × ${label}`;
  return count === 1 ? '1 person' : `${count} people`;
}

/** `640 B`, `82 kB`, `3.1 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** `38 ms`, `1.42 s`. */
export function latencyText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function format(atMs: number, options: Intl.DateTimeFormatOptions, { locale, timeZone }: Place): string {
  if (!Number.isFinite(atMs)) return '–';
  return formatter(locale, { ...options, ...(timeZone && { timeZone }) }).format(atMs);
}

/** Making a formatter costs more than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ''}${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formatters.set(key, made);
  return made;
}
