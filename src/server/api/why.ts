/**
 * `GET /api/v1/cameras/:camera/why?at&windowMs`: what a person asks → a span of time → what was decided in it. A time of day
 * is the most recent one of this machine's clock; without seconds it means that whole minute.
 */
import { z } from 'zod';
import type { WhyQuestion } from '../../messages/why.ts';
import { HttpError } from '../problem.ts';
import type { Asked } from '../route.ts';
import type { Sources } from '../sources.ts';
import { checked, sendJson } from './json.ts';

const DEFAULT_WINDOW_MS = 20_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** More than that is no answer to read: about a thousand pictures. */
const MAX_WINDOW_MS = 600_000;
/** Clocks of a browser and of this machine differ a little. */
const FUTURE_MS = 60_000;
const TIME_OF_DAY = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

const query = z.strictObject({
  at: z.string().default('now'),
  windowMs: z.coerce.number().int().min(1000).max(MAX_WINDOW_MS).optional(),
});

export function sendWhy({ req, res, params, caller }: Asked<'camera'>, { why, cameras }: Sources, nowAtMs: number): void {
  const question = questionOf(checked(query, req.query), nowAtMs);
  const answer = caller.maySee(params.camera) ? why(params.camera, question) : undefined;
  if (!answer) {
    const names = cameras().flatMap(({ name }) => (caller.maySee(name) ? [name] : []));
    const known = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
    throw new HttpError(404, `There is no camera "${params.camera}"; ${known}`);
  }
  if (Date.parse(answer.knownSince) > question.toMs) throw new HttpError(404, forgotten(answer.camera, answer.knownSince));
  sendJson(res, answer);
}

/** Throws a 400 for what is no time, and for one that is still to come. */
export function questionOf({ at, windowMs }: { at: string; windowMs?: number | undefined }, nowAtMs: number): WhyQuestion {
  const { atMs, spanMs } = momentOf(at, nowAtMs);
  if (!Number.isSafeInteger(atMs) || atMs < 0)
    throw new HttpError(400, 'at: Expected a time as 14:02, 14:02:30, 2026-11-20T14:02:00Z or in milliseconds since 1970');
  if (atMs - spanMs / 2 > nowAtMs + FUTURE_MS) throw new HttpError(400, 'at: Expected a time that has passed already');
  const halfMs = (windowMs ?? Math.max(DEFAULT_WINDOW_MS, spanMs)) / 2;
  return { atMs, fromMs: atMs - halfMs, toMs: atMs + halfMs };
}

function momentOf(at: string, nowAtMs: number): { atMs: number; spanMs: number } {
  if (at === 'now') return { atMs: nowAtMs, spanMs: 0 };
  const [match, hours, minutes, seconds] = TIME_OF_DAY.exec(at) ?? [];
  if (match !== undefined) {
    const isExact = seconds !== undefined;
    const beginMs = timeOfDay({ hours: Number(hours), minutes: Number(minutes), seconds: Number(seconds ?? 0) }, nowAtMs);
    return isExact ? { atMs: beginMs, spanMs: 0 } : { atMs: beginMs + MINUTE_MS / 2, spanMs: MINUTE_MS };
  }
  // An unescaped + in an address means a space.
  return { atMs: /^\d{1,15}$/.test(at) ? Number(at) : Date.parse(at.replace(' ', '+')), spanMs: 0 };
}

/** The most recent moment with this local time; NaN for 25:00. Days with a change of the clock are Date's affair. */
function timeOfDay(time: { hours: number; minutes: number; seconds: number }, nowAtMs: number): number {
  const { hours, minutes, seconds } = time;
  if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
  const at = (date: Date): number => date.setHours(hours, minutes, seconds, 0);
  const todayMs = at(new Date(nowAtMs));
  return todayMs <= nowAtMs ? todayMs : at(new Date(nowAtMs - DAY_MS));
}

/** In the time of this machine, because that is how it was asked. */
function forgotten(camera: string, knownSince: string): string {
  const since = new Date(knownSince).toLocaleString('sv-SE');
  return `What was decided then is not known: the why-log of ${camera} begins at ${since} (it lives in memory; why.keepMs and why.maxBytes bound it)`;
}
