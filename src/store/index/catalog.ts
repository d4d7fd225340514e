/**
 * Every event that is known, wherever it stands: open ones and those whose row is not written yet in memory, closed ones in the
 * index, or all in memory where there is no index. Memory changes at once and never fails; what the index refuses waits in memory
 * and is tried again, and an index that cannot be read is dropped and replaced by what the folders say.
 */
import { codeOf, messageOf, UserError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import type { EventPage, EventQuery, EventRecord } from '../../messages/event.ts';
import { type EventIndex, IndexError, type Row } from './event-index.ts';
import type { Place } from '../folder/place.ts';
import { readRecord } from '../folder/record.ts';
import { type Holding, Shelf } from './shelf.ts';
import { compare, type Entry, type EntryQuery, type Key, keyOf, Timeline } from './timeline.ts';

export interface CatalogOptions {
  readonly index: EventIndex | undefined;
  /** moves the file of an index that is broken out of the way, so that the next start makes a new one */
  readonly setAside: () => Promise<unknown>;
  /** reads all closed events from the folders, for when the index is lost on the way */
  readonly readFolders: () => Promise<readonly Entry[]>;
  readonly log: Logger;
}

export class Catalog {
  /** where every closed event lies and how much it takes */
  readonly shelf = new Shelf();
  readonly #options: CatalogOptions;
  #index: EventIndex | undefined;
  /** open, or closed and not yet in the index */
  readonly #memory = new Timeline();
  readonly #unindexed = new Map<string, { readonly row: Row; readonly text: string }>();
  #problem: string | undefined;
  /** folders are read at most once: after that there is no index that could break */
  #reading: Promise<void> | undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.#index = options.index;
  }

  /** Why events are served without the index, or it falls behind; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Closed events that the index holds already, and those in memory where there is none. */
  load(holdings: Iterable<Holding>, entries: Iterable<Entry>): void {
    for (const holding of holdings) this.shelf.put(holding);
    this.#memory.load(entries);
  }

  /** Seen by everybody from now on. */
  put(entry: Entry): void {
    this.#memory.put(entry);
  }

  /** The event is closed and its event.json on disk. */
  settle(entry: Entry, row: Row): void {
    this.#memory.put(entry);
    this.shelf.put(row);
    if (!this.#index) return;
    this.#unindexed.set(row.place.id, { row, text: entry.text });
    this.retry();
  }

  remove(id: string): void {
    this.#memory.delete(id);
    this.shelf.delete(id);
    this.#unindexed.delete(id);
    this.#withIndex((index) => index.deleteAll([id]));
  }

  place(id: string): Place | undefined {
    return this.#memory.get(id)?.place ?? this.shelf.get(id)?.place;
  }

  /** Of its event.json, as it is or will be. */
  text(id: string): string | undefined {
    return this.#memory.get(id)?.text ?? (this.shelf.get(id) ? this.#withIndex((index) => index.text(id)) : undefined);
  }

  find(id: string): EventRecord | undefined {
    const text = this.text(id);
    return text === undefined ? undefined : this.#parsed(text);
  }

  list({ limit, cursor, ...query }: EventQuery): EventPage {
    const asked: EntryQuery = { ...query, before: cursor === undefined ? undefined : parseCursor(cursor), limit: limit + 1 };
    const indexed = this.#withIndex((index) => index.entries(asked)) ?? [];
    const found = merge(this.#memory.entries(asked), indexed).slice(0, limit + 1);
    const page = found.slice(0, limit);
    const events = page.flatMap(({ text }) => this.#parsed(text) ?? []);
    const last = page.at(-1);
    return found.length > page.length && last ? { events, next: `${last.startMs}-${last.place.id}` } : { events };
  }

  /** Writes rows that wait; called about once a second, does nothing while none does. */
  retry(): void {
    if (this.#unindexed.size === 0) return;
    const waiting = [...this.#unindexed.values()];
    if (this.#withIndex((index) => index.putAll(waiting) ?? true) === undefined) return;
    this.#unindexed.clear();
    for (const { row } of waiting) this.#memory.delete(row.place.id);
    if (this.#problem !== undefined) this.#options.log.info('the index of events is written again');
    this.#problem = undefined;
  }

  /** Waits for what is read, and lets go of the index. */
  async close(): Promise<void> {
    this.retry();
    await this.#reading;
    this.#withIndex((index) => index.close());
    this.#index = undefined;
  }

  /** What the folders said was checked; text that is no JSON comes from an index whose pages rotted. */
  #parsed(text: string): EventRecord | undefined {
    try {
      return readRecord(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (this.#index) this.#failed(new IndexError(error));
      return undefined;
    }
  }

  /** Undefined where there is no index, or it failed. */
  #withIndex<T>(work: (index: EventIndex) => T): T | undefined {
    if (!this.#index) return undefined;
    try {
      return work(this.#index);
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: IndexError): void {
    const { log } = this.#options;
    if (this.#problem === undefined) log.error({ reason: error.message }, 'the index of events fails; events are kept in memory');
    this.#problem = `the index of events fails (${error.message})`;
    if (!error.isBroken) return;
    const broken = this.#index;
    this.#index = undefined;
    this.#unindexed.clear();
    this.#problem += '; the next start makes a new one';
    this.#reading = this.#replaceByFolders();
    try {
      broken?.close();
    } catch (cause) {
      log.debug({ cause }, 'the broken index does not close');
    }
  }

  async #replaceByFolders(): Promise<void> {
    try {
      await this.#options.setAside();
    } catch (cause) {
      if (codeOf(cause) === undefined) throw cause;
      this.#options.log.warn({ reason: messageOf(cause) }, 'the broken index of events stays where it is');
    }
    await this.#readFolders();
  }

  async #readFolders(): Promise<void> {
    for (const entry of await this.#options.readFolders()) {
      if (this.shelf.get(entry.place.id) && !this.#memory.get(entry.place.id)) this.#memory.put(entry);
    }
  }
}

/** Newest first; memory is newer than the index. */
function merge(memory: readonly Entry[], indexed: readonly Entry[]): Entry[] {
  if (memory.length === 0) return [...indexed];
  const known = new Set(memory.map(({ place }) => place.id));
  return [...memory, ...indexed.filter(({ place }) => !known.has(place.id))].sort((a, b) => compare(keyOf(b), keyOf(a)));
}

function parseCursor(cursor: string): Key {
  const [, startMs, id] = /^(\d{1,16})-([0-9A-Z]{26})$/.exec(cursor) ?? [];
  if (startMs === undefined || id === undefined) {
    throw new UserError(`Expected a cursor from the page before but received ${cursor}`, {
      hint: 'leave cursor out to start from the newest event',
    });
  }
  return { startMs: Number(startMs), id };
}
