/**
 * How well numbers follow people: a small evaluation of our own, after CLEAR MOT (id switches) and Ristani et al. 2016 (IDF1,
 * by the best one-to-one assignment of true people to track numbers).
 */
import type { Box } from '../../src/messages/video.ts';
import { iou } from '../../src/lib/iou.ts';

export interface Labelled {
  readonly id: number;
  readonly box: Box;
}

/** One frame: who was there, and whom the tracker saw. */
export interface MotFrame {
  readonly truth: readonly Labelled[];
  readonly tracked: readonly Labelled[];
}

export interface MotFigures {
  /** 1 is perfect */
  readonly idf1: number;
  /** a person's number changed from one sighting to the next */
  readonly switches: number;
  readonly found: number;
  readonly missed: number;
  /** tracked, but nobody there */
  readonly extra: number;
  /** numbers that were ever given to somebody */
  readonly ids: number;
}

const MIN_IOU = 0.4;

export function motFigures(frames: readonly MotFrame[]): MotFigures {
  const last = new Map<number, number>();
  const together = new Map<number, Map<number, number>>();
  const counts = { switches: 0, found: 0, missed: 0, extra: 0 };
  for (const frame of frames) {
    const pairs = pairsOf(frame, last);
    for (const [person, track] of pairs) {
      if (last.has(person) && last.get(person) !== track) counts.switches += 1;
      last.set(person, track);
      const row = together.get(person) ?? new Map<number, number>();
      row.set(track, (row.get(track) ?? 0) + 1);
      together.set(person, row);
    }
    counts.found += pairs.size;
    counts.missed += frame.truth.length - pairs.size;
    counts.extra += frame.tracked.length - pairs.size;
  }
  const tracks = [...new Set(frames.flatMap(({ tracked }) => tracked.map(({ id }) => id)))];
  const total = 2 * counts.found + counts.missed + counts.extra;
  const rows = [...together.values()].map((row) => tracks.map((track) => row.get(track) ?? 0));
  return { ...counts, ids: tracks.length, idf1: total === 0 ? 1 : (2 * bestAssignment(rows)) / total };
}

/** Person → track number of one frame. Who was together before stays together while they overlap; the rest by overlap. */
function pairsOf({ truth, tracked }: MotFrame, last: ReadonlyMap<number, number>): Map<number, number> {
  const candidates = truth.flatMap((person) =>
    tracked
      .map((track) => ({ person: person.id, track: track.id, overlap: iou(person.box, track.box) }))
      .filter(({ overlap }) => overlap >= MIN_IOU),
  );
  const weight = ({ person, track, overlap }: (typeof candidates)[number]): number =>
    overlap + (last.get(person) === track ? 1 : 0);
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const { person, track } of candidates.toSorted((a, b) => weight(b) - weight(a))) {
    if (pairs.has(person) || taken.has(track)) continue;
    pairs.set(person, track);
    taken.add(track);
  }
  return pairs;
}

/** Largest sum of a one-to-one choice of columns for rows: by sets of rows that have theirs, column by column. At most 16 rows. */
export function bestAssignment(rows: readonly (readonly number[])[]): number {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  let best: number[] = Array.from({ length: 1 << rows.length }, (_, set) => (set === 0 ? 0 : -Infinity));
  for (let column = 0; column < columns; column++) {
    best = best.map((sum, set) =>
      Math.max(sum, ...rows.map((row, i) => (set & (1 << i) ? best[set ^ (1 << i)]! + (row[column] ?? 0) : -Infinity))),
    );
  }
  return Math.max(...best);
}
