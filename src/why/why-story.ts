/** Entries of the why-log → the few facts that a sentence is made of. Pure. */
import { unanswered } from '../lib/never.ts';
import type { WhyCandidate, WhyEntry, WhyRules } from '../messages/why.ts';

export interface Sighting extends WhyCandidate {
  readonly at: string;
}

/** A person who was not confirmed: the best stretch of their hits. */
export interface Suspect {
  readonly track: number;
  readonly hits: number;
  readonly meanScore: number;
  readonly best: Sighting;
}

export interface Story {
  /** pictures the model looked at */
  readonly looked: number;
  /** of these: with weak candidates only, noted before */
  readonly known: number;
  readonly repeats: number;
  readonly skipped: number;
  readonly sightings: readonly Sighting[];
  readonly suspects: readonly Suspect[];
  readonly opened: readonly Extract<WhyEntry, { what: 'opened' }>[];
  readonly losses: readonly Extract<WhyEntry, { type: 'away' }>[];
  /** no picture came, although the camera was there */
  readonly silence: Extract<WhyEntry, { type: 'run' }> | undefined;
}

export function storyOf(entries: readonly WhyEntry[], { window }: Pick<WhyRules, 'window'>): Story {
  const sightings: Sighting[] = [];
  const trails = new Map<number, Step[]>();
  const opened: Story['opened'][number][] = [];
  const losses: Story['losses'][number][] = [];
  let silence: Story['silence'];
  let [looked, known, repeats, skipped] = [0, 0, 0, 0];
  for (const entry of entries) {
    looked += lookedAt(entry);
    switch (entry.type) {
      case 'picture':
        for (const candidate of entry.candidates) {
          const sighting = { ...candidate, at: entry.at };
          sightings.push(sighting);
          follow(trails, { index: looked, sighting });
        }
        break;
      case 'run':
        known += entry.known;
        repeats += entry.repeats;
        skipped += entry.skipped;
        if (isSilence(entry)) silence ??= entry;
        break;
      case 'away':
        losses.push(entry);
        break;
      case 'event':
        if (entry.what === 'opened') opened.push(entry);
        break;
      default:
        unanswered(entry);
    }
  }
  return { looked, known, repeats, skipped, sightings, suspects: suspectsOf(trails, window), opened, losses, silence };
}

/** Pictures that the model looked at. */
function lookedAt(entry: WhyEntry): number {
  switch (entry.type) {
    case 'picture':
      return 1;
    case 'run':
      return entry.empty + entry.known;
    case 'away':
    case 'event':
      return 0;
    default:
      return unanswered(entry);
  }
}

function isSilence({ empty, known, repeats, skipped }: Extract<WhyEntry, { type: 'run' }>): boolean {
  return empty + known + repeats + skipped === 0;
}

/** A sighting in the picture of this number. */
interface Step {
  readonly index: number;
  readonly sighting: Sighting;
}

function follow(trails: Map<number, Step[]>, step: Step): void {
  const { track, rule } = step.sighting;
  if (track === undefined || rule === 'zone') return;
  trails.set(track, [...(trails.get(track) ?? []), step]);
}

/** The candidate with the best score; undefined where there is none. */
export function bestOf<T extends { readonly score: number }>(candidates: readonly T[]): T | undefined {
  return candidates.reduce<T | undefined>((best, one) => (best && best.score >= one.score ? best : one), undefined);
}

/** What confirmed somebody: the hits of the track up to its first confirmed one, within `window` pictures. */
export function confirmationOf(
  entries: readonly WhyEntry[],
  { at, window }: { readonly at: string; readonly window: number },
): Suspect | undefined {
  const before = entries.slice(
    0,
    entries.findIndex((entry) => entry.type === 'event' && entry.at === at && entry.what === 'opened'),
  );
  const last = before.findLast((entry) => entry.type === 'picture');
  const confirmed = bestOf(last?.candidates.filter(({ rule }) => rule === 'hit') ?? []);
  if (confirmed?.track === undefined) return undefined;
  const { suspects } = storyOf(lastPictures(before, window), { window });
  return suspects.find(({ track }) => track === confirmed.track);
}

/** The end of the entries that holds so many pictures which were looked at. */
function lastPictures(entries: readonly WhyEntry[], pictures: number): readonly WhyEntry[] {
  let left = pictures;
  let index = entries.length;
  while (index > 0 && left > 0) {
    index -= 1;
    const entry = entries[index];
    if (entry) left -= lookedAt(entry);
  }
  return entries.slice(index);
}

/** Nearest to being confirmed first. */
function suspectsOf(trails: ReadonlyMap<number, readonly Step[]>, window: number): Suspect[] {
  const suspects: Suspect[] = [];
  for (const [track, trail] of trails) {
    const stretches = trail.map(({ index }) => trail.filter((other) => other.index <= index && other.index > index - window));
    const best = stretches.reduce((most, stretch) => (rankOf(stretch) > rankOf(most) ? stretch : most));
    const sighting = bestOf(best.map((one) => one.sighting));
    if (sighting) suspects.push({ track, hits: best.length, meanScore: meanOf(best), best: sighting });
  }
  return suspects.toSorted((a, b) => b.hits + b.meanScore - a.hits - a.meanScore);
}

function rankOf(stretch: readonly Step[]): number {
  return stretch.length + meanOf(stretch);
}

function meanOf(stretch: readonly Step[]): number {
  return stretch.reduce((sum, { sighting }) => sum + sighting.score, 0) / Math.max(1, stretch.length);
}
