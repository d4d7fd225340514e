/**
 * The index, ready and agreeing with the folders, or none: what cannot be used is set aside and made anew, and where that fails,
 * too, everything is read from the folders and kept in memory. One sentence in the log either way.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { EventIndex, IndexError, INDEX_NAME, setAside } from './event-index.ts';
import { type Reconciled, reconcile } from './reconcile.ts';

export interface Opened extends Reconciled {
  readonly index: EventIndex | undefined;
}

export interface OpenIndexOptions {
  readonly dataDir: string;
  readonly eventsDir: string;
  readonly atMs: number;
  readonly log: Logger;
}

export async function openIndex(options: OpenIndexOptions): Promise<Opened> {
  const { dataDir, eventsDir, atMs, log } = options;
  try {
    return await openAndReconcile(dataDir, eventsDir);
  } catch (error) {
    const reason = reasonOf(error);
    if (error instanceof IndexError && error.isDriver) {
      log.warn({ reason }, 'SQLite does not load here: events are read from their folders and kept in memory');
      return { ...(await reconcile(eventsDir, undefined)), index: undefined };
    }
    try {
      const aside = await setAside(dataDir, stampOf(atMs));
      const opened = await openAndReconcile(dataDir, eventsDir);
      log.warn(
        { reason, aside, events: opened.holdings.length },
        'the index of events could not be used and was made anew from the folders',
      );
      return opened;
    } catch (again) {
      for (const suffix of ['', '-wal', '-shm'])
        await rm(join(dataDir, `${INDEX_NAME}${suffix}`), { force: true, recursive: true });
      log.error({ reason: reasonOf(again) }, 'there is no index of events: they are read from their folders and kept in memory');
      return { ...(await reconcile(eventsDir, undefined)), index: undefined };
    }
  }
}

async function openAndReconcile(dataDir: string, eventsDir: string): Promise<Opened> {
  await dropOrphans(dataDir);
  const index = await EventIndex.open(dataDir);
  try {
    return { ...(await reconcile(eventsDir, index)), index };
  } catch (error) {
    index.close();
    throw error;
  }
}

/** SQLite would play the log of an index that somebody deleted into the new one. */
async function dropOrphans(dataDir: string): Promise<void> {
  if (existsSync(join(dataDir, INDEX_NAME))) return;
  for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `${INDEX_NAME}${suffix}`), { force: true, recursive: true });
}

/** `20261120T140200Z`, for file names. */
export function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Of SQLite or of the disk; anything else is a bug and is thrown. */
function reasonOf(error: unknown): string {
  if (!(error instanceof IndexError) && !(error instanceof Error && 'code' in error)) throw error;
  return messageOf(error);
}
