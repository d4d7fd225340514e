/** Tracks, picture by picture → where each confirmed person walked in the last seconds. Pure. */
import type { Track, TrackedFrame } from '../messages/detection.ts';

const TRAIL_MS = 4000;

/** The bottom centre of a box, in fractions of the picture. */
export interface TrailPoint {
  readonly x: number;
  readonly y: number;
  readonly ptsMs: number;
  /** 1 = now, 0 = as old as a trail can be */
  readonly freshness: number;
}

/** Oldest point first. */
export type Trails = ReadonlyMap<number, readonly TrailPoint[]>;

export class TrailKeeper {
  readonly #points = new Map<number, TrailPoint[]>();

  /** The trails of whoever is followed still, as of this picture. A person who is not seen in it keeps the trail so far. */
  step({ ptsMs, tracks }: Pick<TrackedFrame, 'ptsMs' | 'tracks'>): Trails {
    const followed = new Set(tracks.map(({ id }) => id));
    for (const id of this.#points.keys()) if (!followed.has(id)) this.#points.delete(id);
    for (const track of tracks) this.#add(track, ptsMs);
    return new Map([...this.#points].map(([id, points]) => [id, points.map((point) => aged(point, ptsMs))]));
  }

  /** A spared picture comes with the tracks of the one before: no new point. */
  #add({ id, box, isSeen, lastSeenPtsMs }: Track, ptsMs: number): void {
    const points = this.#points.get(id) ?? [];
    this.#points.set(id, points);
    if (isSeen && points.at(-1)?.ptsMs !== lastSeenPtsMs)
      points.push({ x: box.x + box.w / 2, y: box.y + box.h, ptsMs: lastSeenPtsMs, freshness: 1 });
    const firstFresh = points.findIndex((point) => ptsMs - point.ptsMs < TRAIL_MS);
    points.splice(0, firstFresh < 0 ? points.length : firstFresh);
  }
}

function aged(point: TrailPoint, ptsMs: number): TrailPoint {
  return { ...point, freshness: 1 - (ptsMs - point.ptsMs) / TRAIL_MS };
}
