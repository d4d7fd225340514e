/**
 * Where every event lies and how much it takes, in memory: about 200 bytes an event. Retention counts here, so it works the same
 * whether the index is there or not.
 */
import type { EventRecord } from '../../messages/event.ts';
import type { Place } from '../folder/place.ts';

/** One closed event as retention sees it. */
export interface Holding {
  readonly place: Place;
  readonly startMs: number;
  /** of all its files */
  readonly bytes: number;
  readonly isProtected: boolean;
  /** its place in the chain of its camera; undefined from before there were chains */
  readonly seq: number | undefined;
}

/** Closed events. */
export class Shelf {
  readonly #holdings = new Map<string, Holding>();

  get count(): number {
    return this.#holdings.size;
  }

  /** In no order. */
  get all(): readonly Holding[] {
    return [...this.#holdings.values()];
  }

  get(id: string): Holding | undefined {
    return this.#holdings.get(id);
  }

  put(holding: Holding): void {
    this.#holdings.set(holding.place.id, holding);
  }

  delete(id: string): void {
    this.#holdings.delete(id);
  }

  /** What an event takes by the disk, where its event.json says something else: counts from now on, in the index with the next row of this event. */
  measured(holding: Holding): void {
    if (this.#holdings.has(holding.place.id)) this.put(holding);
  }
}

/** What the files of an event take by its event.json, which itself has `jsonBytes`. */
export function holdingOf(place: Place, record: EventRecord, jsonBytes: number): Holding {
  return {
    place,
    startMs: Date.parse(record.startedAt),
    bytes: record.files.reduce((sum, { bytes }) => sum + bytes, jsonBytes),
    isProtected: record.protected === true,
    seq: record.chain?.seq,
  };
}
