/** Bytes by the disk itself: what a folder of an event takes, and what is free. */
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import type { Stock } from './retention.ts';

/** Sizes of its files; 0 where it is gone. Links count as links. */
export async function folderBytes(folder: string): Promise<number> {
  try {
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => await fileBytes(join(folder, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 0;
    throw error;
  }
}

/** What this account may still use, of what the file system has; undefined where it does not say (some network shares). */
export async function diskSpace(dir: string): Promise<Stock['disk']> {
  const { bavail, blocks, bsize } = await statfs(dir);
  return blocks === 0 ? undefined : { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    // Renamed or deleted between two looks.
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
