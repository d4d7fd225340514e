/**
 * A folder that is still there after a power cut: made with its parents, and every name made durable. Not `mkdir` with
 * `recursive`, which never returns where a parent exists and its children cannot (/proc, a link to nowhere; Node 20, measured).
 */
import { mkdir, lstat, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import { syncFolder } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
import { UnfitFile } from '../../lib/plain-file.ts';

/**
 * Takes an absolute path. No folder below `within` may be a link: what is written there would lie elsewhere. Rejects with the error
 * of the disk where a folder cannot be made, with an UnfitFile where something else is in its place.
 */
export async function makeFolderDurably(path: string, options: { mode?: number; within?: string } = {}): Promise<void> {
  const { within } = options;
  const parent = dirname(path);
  const isInside = within !== undefined && path.startsWith(`${within}${sep}`);
  if (isInside) await refuseUnfit(path);
  const isThere = await isFolder(path);
  if (isThere && !isInside) return;
  if (parent !== path) await makeFolderDurably(parent, options);
  if (isThere) return;
  try {
    await mkdir(path, options);
  } catch (error) {
    // Somebody else made it in the meantime; a file or a link to nowhere is an error.
    if (codeOf(error) === 'EEXIST' && (await isFolder(path))) return;
    if (codeOf(error) === 'EEXIST') throw notAFolder(path, await lstat(path));
    throw error;
  }
  await syncFolder(parent);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Rejects with an UnfitFile where something is there that is no folder. */
export async function refuseUnfit(path: string): Promise<void> {
  try {
    const there = await lstat(path);
    if (!there.isDirectory()) throw notAFolder(path, there);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
  }
}

const HINT = 'move it away, or choose another data folder (--data, or storage.dir in lookout.yaml)';

function notAFolder(path: string, there: Stats): UnfitFile {
  const what = there.isSymbolicLink() ? 'a link' : there.isFile() ? 'a file' : 'a pipe or a device';
  return new UnfitFile(path, `is ${what}, not a folder`, HINT);
}
