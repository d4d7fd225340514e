/** What came of the events of one trial: told to their end, in the list, and how much of the camera's video their clips lack. */
import type { Alert } from '../../src/messages/alert.ts';
import type { EventView } from '../../src/messages/event.ts';
import { parsePlaylist } from '../../src/media/hls-playlist.ts';
import { complaints } from '../e2e/media.ts';
import { listing } from '../e2e/lookout.ts';
import type { Happened, Trial } from './fault.ts';
import { FILM_FPS, numbersIn } from './numbered-film.ts';
import { EVENT, type World } from './world.ts';

const CLOSED_WITHIN_MS = 60_000;

/** Lookout runs and is well; `open` is the event in whose middle the fault happened. */
export async function judge(world: World, open: Alert, happened: Happened): Promise<Trial> {
  const problems: string[] = [];
  const ids = [...new Set(world.subscriber.alerts.filter(({ type }) => type === 'start').map(({ id }) => id))];
  let eventsLost = 0;
  let lostMs = 0;
  let blindMs = 0;
  for (const id of ids) {
    const last = await lastAlert(world, id);
    if (!last || !(await isListed(world, id))) {
      eventsLost += 1;
      continue;
    }
    const isOpen = id === open.id;
    const mayFail = happened.failsWith?.test(last.reason ?? '');
    if (last.type === 'failed' && !mayFail) problems.push(`event ${id} failed: ${last.reason ?? ''}`);
    if (last.type !== 'ready') continue;
    const clip = await judgeClip(world, last, isOpen ? happened : { isDamaged: happened.isDamaged });
    lostMs = Math.max(lostMs, clip.lostMs);
    blindMs = Math.max(blindMs, clip.blindMs);
    problems.push(...clip.problems);
  }
  await world.stop();
  const temporary = (await listing(world.dataDir)).filter((name) => name.endsWith('.tmp'));
  if (temporary.length > 0) problems.push(`temp files are left: ${temporary.join(', ')}`);
  return { events: ids.length, eventsLost, lostMs, blindMs, recoveryMs: happened.recoveryMs, problems };
}

async function lastAlert(world: World, id: string): Promise<Alert | undefined> {
  const isLast = (alert: Alert): boolean => alert.id === id && (alert.type === 'ready' || alert.type === 'failed');
  const wanted = { what: `the end of event ${id}`, withinMs: CLOSED_WITHIN_MS };
  await world.subscriber.alertFeed.find(isLast, wanted).catch(() => undefined);
  return world.subscriber.alerts.findLast(isLast);
}

async function isListed({ lookout }: World, id: string): Promise<boolean> {
  const { events } = await lookout.json<{ events: EventView[] }>('/api/v1/events?limit=100');
  return events.some((event) => event.id === id);
}

async function judgeClip(
  { lookout }: World,
  ready: Alert,
  happened: Partial<Happened>,
): Promise<Missing & { problems: string[] }> {
  const url = new URL(`/events/${ready.id}/index.m3u8`, lookout.url).href;
  const text = await (await fetch(url)).text();
  const [first] = parsePlaylist(text).segments;
  const numbers = await numbersIn(url);
  const problems: string[] = [];
  if (!text.includes('#EXT-X-ENDLIST')) problems.push(`the playlist of ${ready.id} does not end`);
  const said = await complaints(url);
  if (said !== '' && happened.isDamaged !== true)
    problems.push(`ffmpeg says of the clip ${ready.id}: ${said.split('\n')[0] ?? ''}`);
  if (first?.atMs === undefined || numbers[0] === undefined)
    return { lostMs: 0, blindMs: 0, problems: [...problems, `${ready.id} shows nothing`] };
  const endMs = happened.clockJumped === true ? first.atMs + (ready.durationMs ?? 0) : expectedEndMs(ready, happened);
  return { ...missingIn({ numbers, startMs: first.atMs, endMs, blindMs: happened.blindMs }), problems };
}

function expectedEndMs({ endedAt = '' }: Alert, { endedAtMs = Infinity }: Partial<Happened>): number {
  return Math.min(endedAtMs, Date.parse(endedAt) + EVENT.postRollMs);
}

interface Shown {
  readonly numbers: readonly number[];
  /** wall time of the first picture, and up to which pictures are expected */
  readonly startMs: number;
  readonly endMs: number;
  /** wall time in which nothing could be received; a hole that begins in it belongs to it to its end */
  readonly blindMs: readonly [number, number] | undefined;
}

interface Missing {
  readonly lostMs: number;
  readonly blindMs: number;
}

/** Pictures that the camera showed between the clip's first one and `endMs`, and that are not in it. */
export function missingIn({ numbers, startMs, endMs, blindMs = [Infinity, Infinity] }: Shown): Missing {
  const shown = new Set(numbers);
  const first = numbers[0] ?? 0;
  const frameMs = 1000 / FILM_FPS;
  let [lost, blind] = [0, 0];
  let isBlind = false;
  for (let atMs = startMs, number = first; atMs < endMs - frameMs; atMs += frameMs, number += 1) {
    const isMissing = !shown.has(number);
    isBlind = isMissing && (isBlind || (atMs >= blindMs[0] && atMs <= blindMs[1]));
    if (isBlind) blind += 1;
    else if (isMissing) lost += 1;
  }
  return { lostMs: lost * frameMs, blindMs: blind * frameMs };
}
