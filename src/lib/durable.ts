/**
 * Files that are complete or absent, and still there after a power cut: temp → fsync → rename → fsync of the folder.
 * An unsynced rename vanishes with the power (measured on ext4).
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './errors.ts';
import { openPlain, unfitnessOf } from './plain-file.ts';

/** Makes the bytes of a file written by someone else durable. */
export async function syncFile(path: string): Promise<void> {
  await using file = await openPlain(path);
  await file.sync();
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/**
 * Replaces a file in one step; readers see the old text or the new one. A link or a pipe in its place is replaced, too, and what it
 * leads to is not touched; rejects with an UnfitFile where a folder is in its place.
 */
export async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path).catch(async (error: unknown) => {
      throw (codeOf(error) === 'EISDIR' && (await unfitnessOf(path))) || error;
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
