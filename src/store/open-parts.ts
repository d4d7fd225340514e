/** A data folder → everything that the store works with, in the order of a start: lock, unfinished deletions, index, chains. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { Catalog } from './index/catalog.ts';
import { Chains } from './ledger/chains.ts';
import { type Claim, claimFolder } from './folder/claim.ts';
import { Ledger } from './ledger/ledger.ts';
import { makeFolderDurably } from './folder/folder.ts';
import { setAside } from './index/event-index.ts';
import { openIndex, stampOf } from './index/open-index.ts';
import { finishDeletions } from './removal.ts';
import { type Scanned, scanEvents } from './index/scan.ts';
import { EventWriter } from './folder/writer.ts';

export interface StoreOptions {
  readonly dir: string;
  /** the id that the folder must carry; without one any folder is taken */
  readonly id?: string | undefined;
  /** false where nobody publishes: what this start closes is told of by the next one that does */
  readonly tells?: boolean;
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
const HALF_WRITTEN = /^event\.json\.[0-9a-f]{8}\.tmp$/;

export async function openParts({ dir, id, clock, log }: StoreOptions): Promise<StoreParts> {
  const claim = await claimFolder(dir, { id, clock });
  const { dataDir, eventsDir, identity, lock } = claim;
  let catalog: Catalog | undefined;
  try {
    const ledger = new Ledger(dataDir);
    const newest = await ledger.open(stampOf(clock.atMs()), ({ message }) =>
      log.error({ reason: message }, 'what lay in place of a ledger was put aside, and a new one is begun'),
    );
    await finishDeletions(newest, claim).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error;
      log.error({ reason: messageOf(error) }, 'a deletion that was interrupted cannot be finished');
    });
    const { index, ...found } = await openIndex({ dataDir, eventsDir, atMs: clock.atMs(), log });
    reportUnreadable(await withoutEmpty(found.unreadable), log);
    const opened = new Catalog({
      index,
      setAside: async () => await setAside(dataDir, stampOf(clock.atMs())),
      readFolders: async () => (await scanEvents(eventsDir)).entries,
      log,
    });
    catalog = opened;
    opened.load(found.holdings, found.entries);
    const chains = new Chains(ledger, (error) => log.error({ cause: messageOf(error) }, 'the ledger could not be written'));
    await chains.load(newest, found.holdings, (event) => opened.find(event));
    const writer = new EventWriter(log, async (folder) => {
      await identity.check();
      await makeFolderDurably(folder, { within: eventsDir });
    });
    return { claim, chains, catalog: opened, writer, left: found.open };
  } catch (error) {
    await catalog?.close();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A crash before the first event.json leaves a folder with nothing or half of one in it; rmdir takes nothing else. */
async function withoutEmpty(folders: readonly string[]): Promise<string[]> {
  const rest: string[] = [];
  for (const folder of folders) {
    await removeEmpty(folder).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error;
      rest.push(folder);
    });
  }
  return rest;
}

async function removeEmpty(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.every((name) => HALF_WRITTEN.test(name))) for (const name of names) await rm(join(folder, name));
  await rmdir(folder);
}

function reportUnreadable(unreadable: readonly string[], log: Logger): void {
  if (unreadable.length === 0) return;
  const folders = unreadable.slice(0, NAMED_FOLDERS);
  log.warn({ count: unreadable.length, folders }, 'event folders without a readable event.json are left alone and not listed');
}
