/** Entries of the why-log → the few facts that a sentence is made of. Pure. */
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
  const trails = new Map<number, { index: number; sighting: Sighting }[]>();
  let [looked, known, repeats, skipped] = [0, 0, 0, 0];
  for (const entry of entries) {
    if (entry.type === 'run') {
      looked += entry.empty + entry.known;
      known += entry.known;
      repeats += entry.repeats;
      skipped += entry.skipped;
    }
    if (entry.type !== 'picture') continue;
    looked += 1;
    for (const candidate of entry.candidates) {
      const sighting = { ...candidate, at: entry.at };
      sightings.push(sighting);
      if (candidate.track === undefined || candidate.rule === 'zone') continue;
      const trail = trails.get(candidate.track) ?? [];
      trails.set(candidate.track, [...trail, { index: looked, sighting }]);
    }
  }
  const silence = entries.find(
    (entry) => entry.type === 'run' && entry.empty + entry.known + entry.repeats + entry.skipped === 0,
  );
  return {
    looked,
    known,
    repeats,
    skipped,
    sightings,
    suspects: suspectsOf(trails, window),
    opened: entries.filter((entry) => entry.type === 'event' && entry.what === 'opened') as Story['opened'],
    losses: entries.filter((entry) => entry.type === 'away') as Story['losses'],
    silence: silence as Story['silence'],
  };
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
    if (entry?.type === 'picture') left -= 1;
    if (entry?.type === 'run') left -= entry.empty + entry.known;
  }
  return entries.slice(index);
}

/** Nearest to being confirmed first. */
function suspectsOf(
  trails: ReadonlyMap<number, readonly { readonly index: number; readonly sighting: Sighting }[]>,
  window: number,
): Suspect[] {
  const suspects: Suspect[] = [];
  for (const [track, trail] of trails) {
    const stretches = trail.map(({ index }) => trail.filter((other) => other.index <= index && other.index > index - window));
    const best = stretches.reduce((most, stretch) => (rankOf(stretch) > rankOf(most) ? stretch : most));
    const sighting = bestOf(best.map((one) => one.sighting));
    if (sighting) suspects.push({ track, hits: best.length, meanScore: meanOf(best), best: sighting });
  }
  return suspects.toSorted((a, b) => b.hits + b.meanScore - a.hits - a.meanScore);
}

function rankOf(stretch: readonly { readonly sighting: Sighting }[]): number {
  return stretch.length + meanOf(stretch);
}

function meanOf(stretch: readonly { readonly sighting: Sighting }[]): number {
  return stretch.reduce((sum, { sighting }) => sum + sighting.score, 0) / Math.max(1, stretch.length);
}
