/**
 * Closing events, one at a time per camera: link → event.json → ledger. The chain moves on only when event.json is on disk, so
 * an event that the disk refuses takes no number; a line that the ledger is missing after a crash is added by the next start.
 */
import { codeOf } from '../../lib/errors.ts';
import type { ChainLink, EventRecord } from '../../messages/event.ts';
import { type Head, isIntact, NO_HEAD, nextLink } from './chain.ts';
import { headOf, type Ledger, type LedgerLine } from './ledger.ts';
import type { Place } from '../folder/place.ts';

/** Far more than can be on their way to the disk at a time. */
const MAX_GIVEN = 1000;

export interface Linked {
  readonly place: Place;
  readonly seq: number | undefined;
}

export class Chains {
  readonly #ledger: Ledger;
  readonly #onFault: (error: unknown) => void;
  readonly #heads = new Map<string, Head>();
  readonly #queues = new Map<string, Promise<unknown>>();
  /** links of the events that were closed last: one that is saved again at once must not get a second one */
  readonly #given = new Map<string, ChainLink>();

  /** `onFault`: the ledger could not be written; it is made up for with its next line */
  constructor(ledger: Ledger, onFault: (error: unknown) => void) {
    this.#ledger = ledger;
    this.#onFault = onFault;
  }

  head(camera: string): Head {
    return this.#heads.get(camera) ?? NO_HEAD;
  }

  /** Takes the heads from the ledgers and from what lies in the folders, and writes down what a crash kept from the ledger. */
  async load(
    newest: ReadonlyMap<string, readonly LedgerLine[]>,
    linked: readonly Linked[],
    recordOf: (id: string) => EventRecord | undefined,
  ): Promise<void> {
    for (const [camera, lines] of newest) this.#heads.set(camera, headOf(lines));
    const missing = new Map<string, LedgerLine[]>();
    const ahead = linked.filter(({ place, seq = 0 }) => seq > this.head(place.camera).seq);
    for (const { place } of ahead.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))) {
      const record = recordOf(place.id);
      const chain = record?.chain;
      // A number that rotted or was made up must not become the head: all that follows would count from there.
      if (!chain || !isIntact(record)) continue;
      this.#heads.set(place.camera, chain);
      missing.set(place.camera, [...(missing.get(place.camera) ?? []), { closed: place.id, day: place.day, ...chain }]);
    }
    for (const [camera, lines] of missing) await this.#write(camera, lines);
  }

  /**
   * Resolves with the record as it is on disk, or with undefined where the disk refused it. `find` gives the newest record; one
   * that has its link already keeps it.
   */
  async close(
    place: Place,
    find: () => EventRecord | undefined,
    write: (record: EventRecord) => Promise<boolean>,
  ): Promise<EventRecord | undefined> {
    return await this.#inTurn(place.camera, async () => {
      const record = find();
      if (!record) return undefined;
      const given = record.chain ?? this.#given.get(place.id);
      const chain = given ?? nextLink(this.head(place.camera), record);
      const closed = { ...record, chain };
      if (!(await write(closed))) return undefined;
      if (given) return closed;
      this.#heads.set(place.camera, chain);
      this.#remember(place.id, chain);
      await this.#write(place.camera, [{ closed: place.id, day: place.day, ...chain }]);
      return closed;
    });
  }

  /** Written before the folder goes; rejects with the error of the disk, and nothing may be deleted then. */
  async tombstone(
    place: Place,
    { seq, ...line }: { seq: number | undefined; bytes: number; reason: string; at: string },
  ): Promise<void> {
    const deleted = { deleted: place.id, day: place.day, ...(seq === undefined ? {} : { seq }), ...line };
    await this.#inTurn(place.camera, async () => await this.#ledger.appendNow(place.camera, deleted));
  }

  #remember(id: string, chain: ChainLink): void {
    this.#given.set(id, chain);
    const oldest = this.#given.size > MAX_GIVEN ? this.#given.keys().next().value : undefined;
    if (oldest !== undefined) this.#given.delete(oldest);
  }

  async #write(camera: string, lines: readonly LedgerLine[]): Promise<void> {
    try {
      await this.#ledger.append(camera, lines);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#onFault(error);
    }
  }

  /** Work on the chain of a camera, after what is under way. */
  async #inTurn<T>(camera: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(camera) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#queues.set(camera, mine);
    return await mine;
  }
}
