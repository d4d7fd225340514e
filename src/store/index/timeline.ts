/**
 * Events in memory, ordered by start. A closed event is kept as the text of its event.json (about a third of what the
 * objects take: a long clip lists a hash per second) and parsed when asked for.
 */
import type { EventQuery } from '../../messages/event.ts';
import type { Place } from '../folder/place.ts';

export interface Entry {
  readonly place: Place;
  readonly startMs: number;
  readonly text: string;
}

/** Newest first, strictly before the cursor and `toMs`. */
export interface EntryQuery extends Pick<EventQuery, 'camera' | 'fromMs' | 'toMs'> {
  readonly before?: Key | undefined;
  readonly limit: number;
}

export interface Key {
  readonly startMs: number;
  readonly id: string;
}

export class Timeline {
  /** oldest first */
  #order: Key[] = [];
  readonly #entries = new Map<string, Entry>();

  /** Fills an empty timeline; one sort instead of an insertion each. */
  load(entries: Iterable<Entry>): void {
    for (const entry of entries) this.#entries.set(entry.place.id, entry);
    this.#order = Array.from(this.#entries.values(), keyOf).sort(compare);
  }

  put(entry: Entry): void {
    const before = this.#entries.get(entry.place.id);
    this.#entries.set(entry.place.id, entry);
    if (before?.startMs === entry.startMs) return;
    if (before) this.#order.splice(this.#countBefore(keyOf(before)), 1);
    this.#order.splice(this.#countBefore(keyOf(entry)), 0, keyOf(entry));
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#order.splice(this.#countBefore(keyOf(entry)), 1);
  }

  values(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  entries({ camera, fromMs = Number.NEGATIVE_INFINITY, toMs, before, limit }: EntryQuery): Entry[] {
    const end = Math.min(
      before === undefined ? this.#order.length : this.#countBefore(before),
      toMs === undefined ? this.#order.length : this.#countBefore({ startMs: toMs, id: '' }),
    );
    const found: Entry[] = [];
    for (let i = end - 1; i >= 0 && found.length < limit; i -= 1) {
      const entry = this.#entries.get(this.#order[i]?.id ?? '');
      if (!entry || entry.startMs < fromMs) break;
      if (camera === undefined || entry.place.camera === camera) found.push(entry);
    }
    return found;
  }

  #countBefore(key: Key): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#order[middle] as Key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function keyOf({ place, startMs }: Entry): Key {
  return { startMs, id: place.id };
}

/** Oldest first. */
export function compare(a: Key, b: Key): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
