/** A folder → ours: made where it is missing, tried, locked, and known by its id. Throws a UserError where it cannot be. */
import { randomBytes } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf, UserError } from '../lib/errors.ts';
import { makeFolderDurably } from './folder.ts';
import { Identity, refuseOtherDisk } from './identity.ts';
import { FolderLock } from './lock.ts';

export interface Claim {
  readonly lock: FolderLock;
  readonly identity: Identity;
  /** absolute, without links */
  readonly dataDir: string;
  readonly eventsDir: string;
}

export async function claimFolder(dir: string, { id, clock }: { id?: string | undefined; clock: Clock }): Promise<Claim> {
  try {
    if (id !== undefined) await refuseOtherDisk(resolve(dir), id);
    // Clips show people's homes: a folder that we make is not for every account of the machine.
    await makeFolderDurably(resolve(dir), { mode: 0o750 });
    const dataDir = await realpath(dir);
    const eventsDir = join(dataDir, 'events');
    await makeFolderDurably(eventsDir);
    const probe = join(eventsDir, `${randomBytes(4).toString('hex')}.tmp`);
    await writeFile(probe, 'x', { flag: 'wx' });
    await rm(probe);
    const lock = await FolderLock.take(resolve(dir));
    try {
      return { lock, identity: await Identity.claim(dataDir, clock.atMs()), dataDir, eventsDir };
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof UserError || codeOf(cause) === undefined) throw cause;
    const isFull = codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT';
    throw new UserError(`The data folder ${resolve(dir)} cannot be written: ${messageOf(cause)}`, {
      hint: isFull
        ? 'the disk is full to the last byte: free a megabyte of it, then Lookout makes its own room by storage.whenFull'
        : 'make it writable for this account, or choose another one (--data, or storage.dir in lookout.yaml)',
      cause,
    });
  }
}
