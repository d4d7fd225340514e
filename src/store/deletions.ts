/** Deleting closed events: tombstone in the ledger, then the folder, then the row; each event by one caller at a time. */
import type { Clock } from '../lib/clock.ts';
import { refusesForSpace } from './folder/full-disk.ts';
import type { StoreParts } from './open-parts.ts';
import { type Removal, removeEmptyFolders, removeEvent } from './removal.ts';

export class Deletions {
  readonly #parts: Pick<StoreParts, 'catalog' | 'chains' | 'claim'>;
  readonly #clock: Clock;
  readonly #underWay = new Set<string>();
  readonly #listeners = new Set<(id: string) => void>();

  constructor(parts: Pick<StoreParts, 'catalog' | 'chains' | 'claim'>, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Tells of every event that is gone. Returns the way to stop it. */
  onDelete(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whoever asks for it deletes a protected event, too; retention does not. Rejects with the error of the disk, or a RetryableError while the data folder is not ours. */
  async delete(id: string, reason: Removal): Promise<'deleted' | 'open' | 'unknown' | 'protected'> {
    const { catalog, chains, claim } = this.#parts;
    const holding = catalog.shelf.get(id);
    if (this.#underWay.has(id)) return 'unknown';
    // Somebody may have protected it since the plan was made.
    const isProtected = holding?.isProtected === true || catalog.find(id)?.protected === true;
    if (reason !== 'asked' && isProtected) return 'protected';
    if (!holding) return catalog.place(id) ? 'open' : 'unknown';
    this.#underWay.add(id);
    try {
      const { place, seq, bytes } = holding;
      await claim.identity.check();
      const at = new Date(this.#clock.atMs()).toISOString();
      const tombstone = { seq, bytes, reason, at };
      const isFull = await refusesForSpace(chains.tombstone(place, tombstone));
      await removeEvent(place, claim);
      // A disk at its last byte takes the line once something is gone.
      if (isFull) await chains.tombstone(place, tombstone);
      catalog.remove(id);
      for (const listener of this.#listeners) listener(id);
      await removeEmptyFolders(place, { eventsDir: claim.eventsDir, today: at.slice(0, 10).replaceAll('-', '/') });
    } finally {
      this.#underWay.delete(id);
    }
    return 'deleted';
  }
}
