/**
 * A folder that is still there after a power cut: made with its parents, and every name made durable. Not `mkdir` with
 * `recursive`, which never returns where a parent exists and its children cannot (/proc, a link to nowhere; Node 20, measured).
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';

/** Takes an absolute path. Rejects with the error of the disk where a folder cannot be made. */
export async function makeFolderDurably(path: string, options: { mode?: number } = {}): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolderDurably(parent, options);
  try {
    await mkdir(path, options);
  } catch (error) {
    // Somebody else made it in the meantime; a file or a link to nowhere is an error.
    if (codeOf(error) === 'EEXIST' && (await isFolder(path))) return;
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
