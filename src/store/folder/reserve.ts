/**
 * `reserve`: a little of the disk, kept for the start after others filled it to the last byte: without room for a lock nobody could
 * start who would make room. Spent then, and saved up again by the next start.
 */
import { lstat, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';

const NAME = 'reserve';
const RESERVE_BYTES = 1_000_000;
/** of a small disk */
const SHARE = 0.02;

/** A disk that refuses it has none; a start does not depend on it. */
export async function saveReserve(dataDir: string): Promise<void> {
  const path = join(dataDir, NAME);
  try {
    const { blocks, bsize } = await statfs(dataDir);
    const bytes = Buffer.alloc(Math.min(RESERVE_BYTES, Math.floor(blocks * bsize * SHARE) || RESERVE_BYTES));
    // Neither into what a link leads to, nor into a pipe that nobody reads.
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    if (codeOf(error) === 'EEXIST') return;
    await rm(path, { force: true });
  }
}

/** True where there was one: what was refused may be tried again. */
export async function spendReserve(dataDir: string): Promise<boolean> {
  const path = join(dataDir, NAME);
  if (!(await isThere(path))) return false;
  await rm(path, { force: true });
  return true;
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}
