/** For commands that change a data folder: the Lookout that runs on it goes first. */
import { UserError } from '../lib/errors.ts';
import { FolderLock } from '../store/folder/lock.ts';

/** Throws a UserError with this hint while a Lookout works in the folder. */
export async function refuseWhileInUse(dir: string, hint: string): Promise<void> {
  const pid = await FolderLock.holder(dir);
  if (pid !== undefined) throw new UserError(`${dir} is in use by a Lookout that runs (process ${pid})`, { hint });
}
