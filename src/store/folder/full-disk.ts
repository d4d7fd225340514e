/** A disk at its last byte: some things still work on it, deleting above all. */
import { codeOf } from '../../lib/errors.ts';

/** True where the work failed because there is no room; rejects with any other error. */
export async function refusesForSpace(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') return true;
    throw error;
  }
}
