/** A folder → ours: made where it is missing, tried, locked, and known by its id. Throws a UserError where it cannot be. */
import { randomBytes } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { codeOf, messageOf, UserError } from '../../lib/errors.ts';
import { makeFolderDurably } from './folder.ts';
import { Identity, refuseOtherDisk } from './identity.ts';
import { FolderLock } from './lock.ts';
import { saveReserve, spendReserve } from './reserve.ts';

export interface Claim {
  readonly lock: FolderLock;
  readonly identity: Identity;
  /** absolute, without links */
  readonly dataDir: string;
  readonly eventsDir: string;
}

interface ClaimOptions {
  readonly id?: string | undefined;
  readonly clock: Clock;
}

export async function claimFolder(dir: string, options: ClaimOptions): Promise<Claim> {
  try {
    const claimed = await claim(dir, options).catch(async (cause: unknown) => {
      if (!isFull(cause) || !(await spendReserve(resolve(dir)))) throw cause;
      return { ...(await claim(dir, options)), isShort: true };
    });
    if (!('isShort' in claimed)) await saveReserve(claimed.dataDir);
    return claimed;
  } catch (cause) {
    if (cause instanceof UserError || codeOf(cause) === undefined) throw cause;
    throw new UserError(`The data folder ${resolve(dir)} cannot be written: ${messageOf(cause)}`, {
      hint: isFull(cause)
        ? 'the disk is full to the last byte: free a megabyte of it, then Lookout makes its own room by storage.whenFull'
        : 'make it writable for this account, or choose another one (--data, or storage.dir in lookout.yaml)',
      cause,
    });
  }
}

async function claim(dir: string, { id, clock }: ClaimOptions): Promise<Claim> {
  if (id !== undefined) await refuseOtherDisk(resolve(dir), id);
  // Clips show people's homes: a folder that we make is not for every account of the machine.
  await makeFolderDurably(resolve(dir), { mode: 0o750 });
  const dataDir = await realpath(dir);
  const eventsDir = join(dataDir, 'events');
  await makeFolderDurably(eventsDir);
  const probe = join(eventsDir, `${randomBytes(4).toString('hex')}.tmp`);
  try {
    await writeFile(probe, 'x', { flag: 'wx' });
  } finally {
    await rm(probe, { force: true });
  }
  const lock = await FolderLock.take(resolve(dir));
  try {
    return { lock, identity: await Identity.claim(dataDir, clock.atMs()), dataDir, eventsDir };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function isFull(error: unknown): boolean {
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
}
