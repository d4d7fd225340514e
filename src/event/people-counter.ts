/** Tracks → people now, people so far, and how long each stayed. Pure; changes only. */
import type { TrackedFrame } from '../messages/detection.ts';
import type { PeopleChange } from '../messages/scene.ts';

export class PeopleCounter {
  readonly #known = new Set<number>();
  #count = 0;
  #total = 0;
  #isDue = false;

  /** The count of the next picture is said also where it is the same. */
  lookAnew(): void {
    this.#isDue = true;
  }

  step({ tracks, left }: Pick<TrackedFrame, 'tracks' | 'left'>): PeopleChange[] {
    const present = tracks.filter(({ isConfirmed }) => isConfirmed);
    const before = { count: this.#count, total: this.#total };
    for (const { id } of present) {
      if (this.#known.has(id)) continue;
      this.#known.add(id);
      this.#total += 1;
    }
    for (const { id } of left) this.#known.delete(id);
    this.#count = present.length;
    const changes: PeopleChange[] = left.map(({ firstSeenPtsMs, lastSeenPtsMs }) => ({
      type: 'left',
      durationMs: lastSeenPtsMs - firstSeenPtsMs,
    }));
    if (this.#isDue || before.count !== this.#count || before.total !== this.#total)
      changes.unshift({ type: 'count', count: this.#count, total: this.#total });
    this.#isDue = false;
    return changes;
  }
}
