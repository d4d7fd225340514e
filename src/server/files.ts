/**
 * Sends one file of a folder. `sendFile` follows links out of its root (measured), so the real path is compared first: the
 * file must be where its name says, which no link is, whether it leaves or stays.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Response } from 'express';
import { codeOf } from '../lib/errors.ts';
import { readPlain } from '../lib/plain-file.ts';
import { HttpError } from './problem.ts';

/** A file by the folder that it must not leave. */
export interface RootedFile {
  readonly root: string;
  readonly name: string;
}

export interface SendOptions {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** A year: the longest that caches honour. `private`, because clips are for those who may see them. */
export const IMMUTABLE = 'private, max-age=31536000, immutable';

/** Sends it with Range, HEAD and conditional requests; rejects with a 404 where there is no such regular file. */
export async function sendFileOf(
  res: Response,
  { root, name }: RootedFile,
  { contentType, cacheControl }: SendOptions,
): Promise<void> {
  const real = await realPathOf(root, name);
  res.set('Cache-Control', cacheControl).setHeader('Content-Type', contentType);
  await new Promise<void>((resolve, reject) => {
    const options = { root: dirname(real), dotfiles: 'deny' as const, cacheControl: false };
    res.sendFile(basename(real), options, (error?: Error & { syscall?: string }) => {
      // A viewer who goes away in the middle is no failure.
      if (!error || codeOf(error) === 'ECONNABORTED' || error.syscall === 'write' || res.destroyed) resolve();
      else reject(error);
    });
  });
}

/** The bytes of a file; rejects as `realPathOf` does, and with an UnfitFile where it is longer than it may be. */
export async function bytesOf({ root, name }: RootedFile, maxBytes: number): Promise<Buffer> {
  return await readPlain(await realPathOf(root, name), maxBytes);
}

/** The real path of a file; rejects with a 404 where it, or a folder between it and the root, is a link, or it is no file. */
export async function realPathOf(root: string, name: string): Promise<string> {
  try {
    const expected = join(await realpath(root), name);
    const real = await realpath(expected);
    if (real === expected && (await stat(real)).isFile()) return real;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP' && code !== 'ENAMETOOLONG') throw error;
  }
  throw new HttpError(404, `There is no ${basename(name)} here`);
}
