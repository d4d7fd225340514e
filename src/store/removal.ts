/**
 * Deleting an event so that a crash at any point leaves it whole or gone, and `verify` can tell: tombstone in the ledger (fsynced)
 * → the folder moves into `.trash/` in one step → its files go. Links are never followed: only a folder that is really there is
 * moved, and removing it removes links, not what they lead to. A start finishes what a crash interrupted.
 */
import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../lib/durable.ts';
import { codeOf } from '../lib/errors.ts';
import { UnfitFile } from '../lib/plain-file.ts';
import { makeFolderDurably } from './folder/folder.ts';
import { refusesForSpace } from './folder/full-disk.ts';
import type { LedgerLine } from './ledger/ledger.ts';
import { folderOf, type Place } from './folder/place.ts';

const TRASH = '.trash';
/** What says that a folder is not empty or already gone: both are fine. */
const NOT_EMPTY = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT']);

/** Why an event was deleted, for the ledger and for people. */
export type Removal = 'age' | 'space' | 'camera space' | 'free space' | 'asked';

interface Folders {
  readonly dataDir: string;
  readonly eventsDir: string;
}

/** After its tombstone. Idempotent. Rejects with the error of the disk. */
export async function removeEvent(place: Place, { dataDir, eventsDir }: Folders): Promise<void> {
  const folder = folderOf(eventsDir, place);
  const target = join(dataDir, TRASH, place.id);
  if (await isRealFolder(folder)) {
    if (await hasTrash(dataDir)) {
      await rm(target, { recursive: true, force: true });
      await rename(folder, target);
    } else await rm(folder, { recursive: true });
    await syncFolder(dirname(folder));
  }
  // What a link that took its place leads to is not ours to clear.
  if (await isRealFolder(join(dataDir, TRASH))) await rm(target, { recursive: true, force: true });
}

/** False where there is no room for it, or something else lies in its place. */
async function hasTrash(dataDir: string): Promise<boolean> {
  try {
    return !(await refusesForSpace(makeFolderDurably(join(dataDir, TRASH), { within: dataDir })));
  } catch (error) {
    if (error instanceof UnfitFile) return false;
    throw error;
  }
}

/** Day folders above an event that nothing lies in any more; not today's, where the next event may be on its way. */
export async function removeEmptyFolders(
  place: Place,
  { eventsDir, today }: { eventsDir: string; today: string },
): Promise<void> {
  if (place.day >= today) return;
  const [year = '', month = '', date = ''] = place.day.split('/');
  for (const parts of [[year, month, date, place.camera], [year, month, date], [year, month], [year]]) {
    try {
      await rmdir(join(eventsDir, ...parts));
    } catch (error) {
      if (NOT_EMPTY.has(codeOf(error) ?? '')) return;
      throw error;
    }
  }
}

/** What a crash interrupted: the last tombstone of each camera, and what already lay in the trash. For a start. */
export async function finishDeletions(
  newest: Iterable<readonly [string, readonly LedgerLine[]]>,
  folders: Folders,
): Promise<void> {
  for (const [camera, lines] of newest) {
    const last = lines.findLast((entry) => 'deleted' in entry);
    if (last && 'deleted' in last) await removeEvent({ id: last.deleted, camera, day: last.day }, folders);
  }
  const trash = join(folders.dataDir, TRASH);
  if (!(await isRealFolder(trash))) return;
  for (const name of await readdir(trash)) await rm(join(trash, name), { recursive: true, force: true });
}

async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}
