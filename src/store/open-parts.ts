/** A data folder → everything that the store works with, in the order of a start: lock, unfinished deletions, index, chains. */
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { Catalog } from './catalog.ts';
import { Chains } from './chains.ts';
import { type Claim, claimFolder } from './claim.ts';
import { Ledger } from './ledger.ts';
import { openIndex } from './open-index.ts';
import { finishDeletions } from './removal.ts';
import { type Scanned, scanEvents } from './scan.ts';
import { EventWriter } from './writer.ts';

export interface StoreOptions {
  readonly dir: string;
  /** the id that the folder must carry; without one any folder is taken */
  readonly id?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StoreParts {
  readonly claim: Claim;
  readonly chains: Chains;
  readonly catalog: Catalog;
  readonly writer: EventWriter;
  /** events that a crash left open */
  readonly left: Scanned['open'];
}

/** Folders named in the log line about events that cannot be read. */
const NAMED_FOLDERS = 5;

export async function openParts({ dir, id, clock, log }: StoreOptions): Promise<StoreParts> {
  const claim = await claimFolder(dir, { id, clock });
  const { dataDir, eventsDir, identity, lock } = claim;
  let catalog: Catalog | undefined;
  try {
    const ledger = new Ledger(dataDir);
    const newest = await ledger.open();
    await finishDeletions(newest, claim);
    const { index, ...found } = await openIndex({ dataDir, eventsDir, atMs: clock.atMs(), log });
    reportUnreadable(found, log);
    const opened = new Catalog({ index, readFolders: async () => (await scanEvents(eventsDir)).entries, log });
    catalog = opened;
    opened.load(found.holdings, found.entries);
    const chains = new Chains(ledger, (error) => log.error({ cause: messageOf(error) }, 'the ledger could not be written'));
    await chains.load(newest, found.holdings, (event) => opened.find(event));
    const writer = new EventWriter(log, async () => await identity.check());
    return { claim, chains, catalog: opened, writer, left: found.open };
  } catch (error) {
    await catalog?.close();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function reportUnreadable({ unreadable }: Scanned, log: Logger): void {
  if (unreadable.length === 0) return;
  const folders = unreadable.slice(0, NAMED_FOLDERS);
  log.warn({ count: unreadable.length, folders }, 'event folders without a readable event.json are left alone and not listed');
}
