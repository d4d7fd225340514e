/**
 * Past events against what other settings would have made of the same frames → which would be lost, shortened, split, joined or
 * gained. Pure. An event corresponds to every replayed one that overlaps it in time.
 */

/** Wall times. Parts of a long event are one. */
export interface PastVisit {
  readonly id: string;
  readonly startMs: number;
  /** last time a confirmed person was seen */
  readonly endMs: number;
}

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export type Fate = 'same' | 'lost' | 'shortened' | 'split' | 'longer';

export interface Outcome {
  readonly id: string;
  readonly fate: Fate;
  /** what is left of it, in order */
  readonly spans: readonly Span[];
  /** how much later it would start, and how much earlier the last person would be lost; negative where it gains */
  readonly startsLaterMs: number;
  readonly endsEarlierMs: number;
  /** another past event would be in the same one */
  readonly isJoined: boolean;
}

export interface Comparison {
  readonly outcomes: readonly Outcome[];
  /** replayed events where there was none */
  readonly gained: readonly Span[];
}

/** Frames lie so far apart that less is no change. */
const SAME_MS = 450;

export function compare(past: readonly PastVisit[], replayed: readonly Span[]): Comparison {
  const overlaps = (a: Span, b: Span): boolean => a.startMs <= b.endMs + SAME_MS && b.startMs <= a.endMs + SAME_MS;
  const outcomes = past.map((visit): Outcome => {
    const spans = replayed.filter((span) => overlaps(span, visit));
    const isJoined = spans.some((span) => past.some((other) => other.id !== visit.id && overlaps(span, other)));
    return { id: visit.id, spans, isJoined, ...fateOf(visit, { spans, isJoined }) };
  });
  return { outcomes, gained: replayed.filter((span) => !past.some((visit) => overlaps(span, visit))) };
}

function fateOf(
  { startMs, endMs }: PastVisit,
  { spans, isJoined }: { spans: readonly Span[]; isJoined: boolean },
): Pick<Outcome, 'fate' | 'startsLaterMs' | 'endsEarlierMs'> {
  const [first] = spans;
  const last = spans.at(-1);
  if (!first || !last) return { fate: 'lost', startsLaterMs: 0, endsEarlierMs: 0 };
  const startsLaterMs = first.startMs - startMs;
  const endsEarlierMs = endMs - last.endMs;
  const by = { startsLaterMs, endsEarlierMs };
  if (spans.length > 1) return { fate: 'split', ...by };
  if (startsLaterMs > SAME_MS || endsEarlierMs > SAME_MS) return { fate: 'shortened', ...by };
  return { fate: isJoined || startsLaterMs < -SAME_MS || endsEarlierMs < -SAME_MS ? 'longer' : 'same', ...by };
}
