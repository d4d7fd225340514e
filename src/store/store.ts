/**
 * Events on disk and in memory. Files are the truth: the index is compared with the folders at every start, and an event that a
 * crash left open is closed before the store is handed out. Memory changes at once, the disk follows: a disk that fails makes
 * `create` reject (there is nowhere to record to) but never `save` — alerts keep flowing, `problem` says what is wrong. Nothing is
 * written into a folder that does not carry the id it had at the start.
 */
import { join } from 'node:path';
import { codeOf, messageOf, RetryableError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { RECORD_NAME } from '../media/clip-files.ts';
import type { OpenClip } from '../messages/clip.ts';
import type { EventFacts, EventPage, EventQuery, EventRecord, FoundEvent } from '../messages/event.ts';
import { Closings } from './closings.ts';
import { Deletions } from './deletions.ts';
import { makeFolderDurably } from './folder/folder.ts';
import { OpenClips } from './open-clips.ts';
import { openParts, type StoreOptions, type StoreParts } from './open-parts.ts';
import { folderOf, type Place, placeOf } from './folder/place.ts';
import { isOpen } from './folder/record.ts';
import { recoverAll } from './recover-all.ts';
import type { Removal } from './removal.ts';
import { entryOf } from './index/scan.ts';
import { addUntold, forgetUntold, readUntold } from './recovery/untold.ts';
import type { Shelf } from './index/shelf.ts';

/** That they stay untold is no reason not to close them. */
async function leaveUntold(ids: readonly string[], dir: string, log: Logger): Promise<readonly string[]> {
  return await addUntold(dir, ids).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error;
    log.warn({ reason: messageOf(error) }, 'events that were closed now will not be told of');
    return [];
  });
}

export class Store implements AsyncDisposable {
  readonly #parts: StoreParts;
  readonly #options: StoreOptions;
  #recovered: readonly EventRecord[] = [];
  #identityFault: string | undefined;
  /** events that were created and not yet saved */
  readonly #created = new Map<string, Place>();
  readonly #clips = new OpenClips();
  readonly #listeners = new Set<(event: EventRecord) => void>();
  readonly #closings: Closings;
  readonly #deletions: Deletions;

  /** Makes the folder, locks it, compares the index with it and closes what a crash left open. */
  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(await openParts(options), options);
    try {
      const closed = await recoverAll(store.#parts, options, async (place, record) => await store.#keep(place, record));
      const ids = closed.map(({ id }) => id);
      const earlier = options.tells === false ? await leaveUntold(ids, store.dir, options.log) : await readUntold(store.dir);
      const untold = earlier.filter((id) => !ids.includes(id)).flatMap((id) => store.#find(id) ?? []);
      store.#recovered = [...untold, ...closed];
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
    return store;
  }

  private constructor(parts: StoreParts, options: StoreOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#closings = new Closings(parts);
    this.#deletions = new Deletions(parts, options.clock);
  }

  /** Events that this start closed, or one before it that told nobody; the owner tells their `end` and `ready` or `failed`. */
  get recovered(): readonly EventRecord[] {
    return this.#recovered;
  }

  /** They are published. Rejects with the error of the disk. */
  async told(): Promise<void> {
    await forgetUntold(this.dir);
  }

  /** Which data folder this is; stands in its lookout.json. */
  get id(): string {
    return this.#parts.claim.identity.id;
  }

  /** Absolute, without links. */
  get dir(): string {
    return this.#parts.claim.dataDir;
  }

  /** Why events are not on disk, or not in the index, for health; undefined while they are. */
  get problem(): string | undefined {
    return this.#identityFault ?? this.#parts.writer.problem ?? this.#parts.catalog.problem;
  }

  /** Tries again what the disk refused, and looks whether it is still the same disk; called about once a second. */
  retry(): void {
    const { writer, catalog } = this.#parts;
    writer.retry();
    catalog.retry();
    this.#closings.retry();
    void this.#lookAtDisk();
  }

  /** Makes the event's folder durably and returns its absolute path. Rejects with a RetryableError where the disk refuses. */
  async create(camera: string, id: string, startAtMs: number): Promise<string> {
    const { identity, eventsDir } = this.#parts.claim;
    const place = placeOf(camera, id, startAtMs);
    const folder = folderOf(eventsDir, place);
    await identity.check();
    try {
      await makeFolderDurably(folder, { within: eventsDir });
    } catch (cause) {
      throw new RetryableError(`The folder of an event could not be made: ${messageOf(cause)}`, {
        hint: 'free some space, or see that the data folder is there and writable',
        cause,
      });
    }
    this.#created.set(id, place);
    return folder;
  }

  /** The event is open: its playlist and boxes come from memory until `ready` or `failed` is saved. */
  attach(id: string, clip: OpenClip): void {
    this.#clips.attach(id, clip);
  }

  /** The event is open, and nothing of it will be recorded. */
  attachNone(id: string): void {
    this.#clips.attachNone(id);
  }

  /** What is known of an event now: seen by everybody at once; resolves when it is on disk, or the disk refused it (logged). */
  async save(facts: EventFacts): Promise<EventRecord> {
    const { catalog } = this.#parts;
    const { id, camera, startedAt } = facts;
    const before = catalog.find(id);
    const kept = { ...(before?.protected && { protected: true }), ...(before?.chain && { chain: before.chain }) };
    const place = catalog.place(id) ?? this.#created.get(id) ?? placeOf(camera, id, Date.parse(startedAt));
    return await this.#keep(place, { schema: 2, revision: before?.revision ?? 0, ...facts, ...kept });
  }

  /** Whether retention must leave it alone; undefined where there is no such event. */
  async protect(id: string, isProtected: boolean): Promise<EventRecord | undefined> {
    const place = this.#parts.catalog.place(id);
    const before = this.#find(id);
    if (!place || !before || this.#deletions.isUnderWay(id)) return undefined;
    const { protected: _before, ...rest } = before;
    return await this.#keep(place, { ...rest, ...(isProtected && { protected: true }) });
  }

  /** Tombstone, then folder, then row. An open event stays, a protected one where nobody asked. Rejects with the error of the disk. */
  async delete(id: string, reason: Removal): Promise<'deleted' | 'open' | 'unknown' | 'protected'> {
    return await this.#deletions.delete(id, reason);
  }

  /** Newest first. Throws a UserError for a cursor that is not one of ours. */
  list(query: EventQuery): EventPage {
    return this.#parts.catalog.list(query);
  }

  /** An event, its folder and its clip, of one moment; undefined where there is none of this id. */
  event(id: string): FoundEvent | undefined {
    const place = this.#parts.catalog.place(id) ?? this.#created.get(id);
    if (!place) return undefined;
    const record = this.#find(id);
    const folder = folderOf(this.#parts.claim.eventsDir, place);
    return { camera: place.camera, record, folder, clip: this.#clips.get(id), isOpen: !record || isOpen(record) };
  }

  /** Closed events, as retention sees them. */
  get shelf(): Shelf {
    return this.#parts.catalog.shelf;
  }

  /** Events that are being recorded, with their folders. */
  get recordings(): readonly { readonly camera: string; readonly folder: string }[] {
    return this.#clips.ids.flatMap((id) => this.event(id) ?? []);
  }

  /** Rejects with a RetryableError while the data folder is not the one that was opened. */
  async check(): Promise<void> {
    await this.#parts.claim.identity.check();
  }

  /** Waits for the clip of an event that has just begun; undefined where there will be none, and once the event is closed. */
  async whenClip(id: string, signal: AbortSignal): Promise<OpenClip | undefined> {
    return await this.#clips.when(id, () => this.event(id)?.isOpen === false, signal);
  }

  /** Tells of every save, at once. Returns the way to stop it. */
  onChange(listener: (event: EventRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells of every event that is gone. */
  onDelete(listener: (id: string) => void): () => void {
    return this.#deletions.onDelete(listener);
  }

  /** Waits until everything saved is on disk, and gives the folder back. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { writer, catalog, claim } = this.#parts;
    await this.#closings.finish();
    await writer.close();
    await catalog.close();
    await claim.lock[Symbol.asyncDispose]();
  }

  async #keep(place: Place, given: EventRecord): Promise<EventRecord> {
    const { catalog, writer, claim } = this.#parts;
    const record = { ...given, revision: given.revision + 1 };
    const entry = entryOf(place, record);
    catalog.put(entry);
    this.#created.delete(place.id);
    if (!isOpen(record)) this.#clips.delete(place.id);
    for (const listener of this.#listeners) listener(record);
    if (!isOpen(record)) return (await this.#closings.close(place)) ?? record;
    await writer.write(join(folderOf(claim.eventsDir, place), RECORD_NAME), entry.text);
    return record;
  }

  #find(id: string): EventRecord | undefined {
    return this.#parts.catalog.find(id);
  }

  /** A disk that goes away or comes back is said once. */
  async #lookAtDisk(): Promise<void> {
    const { log } = this.#options;
    const fault = await this.#parts.claim.identity.fault();
    if (fault === this.#identityFault) return;
    this.#identityFault = fault;
    if (fault === undefined) log.info('the data folder is back: recording goes on');
    else log.error({ reason: fault }, 'nothing is recorded: the data folder is not there');
  }
}
