/**
 * Closed events on their way to the disk: link → event.json → ledger → row. What the disk refuses is remembered and tried again; an
 * event that is saved once more meanwhile keeps its link.
 */
import { join } from 'node:path';
import { codeOf } from '../lib/errors.ts';
import type { EventRecord } from '../messages/event.ts';
import { RECORD_NAME } from '../media/clip-files.ts';
import { folderOf, type Place } from './folder/place.ts';
import { rowOf } from './index/reconcile.ts';
import { entryOf } from './index/scan.ts';
import type { StoreParts } from './open-parts.ts';

/** Closed events remembered while the disk refuses them. */
const MAX_REFUSED = 1000;

export class Closings {
  readonly #parts: Pick<StoreParts, 'catalog' | 'chains' | 'writer' | 'claim'>;
  readonly #refused = new Map<string, Place>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(parts: Pick<StoreParts, 'catalog' | 'chains' | 'writer' | 'claim'>) {
    this.#parts = parts;
  }

  /** Resolves with the event as it is on disk; undefined where the disk refused it, or it was deleted meanwhile. */
  async close(place: Place): Promise<EventRecord | undefined> {
    const closing = this.#closeNow(place).finally(() => this.#underWay.delete(closing));
    this.#underWay.add(closing);
    return await closing;
  }

  /** Tries again what the disk refused; called about once a second. */
  retry(): void {
    for (const [id, place] of this.#refused) {
      this.#refused.delete(id);
      void this.close(place);
    }
  }

  /** Waits for what is under way, and tries once more what was refused. */
  async finish(): Promise<void> {
    await Promise.all(this.#underWay);
    await Promise.all([...this.#refused.values()].map(async (place) => await this.close(place)));
  }

  async #closeNow(place: Place): Promise<EventRecord | undefined> {
    const { catalog, chains, writer, claim } = this.#parts;
    const path = join(folderOf(claim.eventsDir, place), RECORD_NAME);
    const write = async (record: EventRecord): Promise<boolean> => await writer.tryOnce(path, entryOf(place, record).text);
    let seen: string | undefined;
    const find = (): EventRecord | undefined => {
      seen = catalog.text(place.id);
      return catalog.find(place.id);
    };
    const closed = await chains.close(place, find, write);
    const isDone = closed !== undefined && (await this.#index(place, closed, seen));
    // Deleted meanwhile: there is nothing left to write.
    const isGone = catalog.place(place.id) === undefined;
    if (!isDone && !isGone && this.#refused.size < MAX_REFUSED) this.#refused.set(place.id, place);
    return closed;
  }

  /** Saved once more meanwhile: the newer record gets the link, and its own turn to be written. False where its folder is gone again. */
  async #index(place: Place, closed: EventRecord, seen: string | undefined): Promise<boolean> {
    const { catalog, claim } = this.#parts;
    const entry = entryOf(place, closed);
    const row = await rowOf(claim.eventsDir, entry).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error;
      return undefined;
    });
    if (!row) return false;
    const newest = catalog.find(place.id);
    const text = catalog.text(place.id);
    if (text === seen || text === entry.text) catalog.settle(entry, row);
    else if (newest && closed.chain) catalog.put(entryOf(place, { ...newest, chain: closed.chain }));
    return true;
  }
}
