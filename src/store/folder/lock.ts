/**
 * One Lookout per data folder: a file that names its owner. The owner is a process *and* when it started, so that the lock of
 * a process that was killed, or of another one that got its number, or of before a reboot, is stale and is taken over.
 * Made with its text in one step (link), because an empty lock file would belong to nobody; replaced in one step (rename) by
 * whoever holds a second file of the same kind. Two containers that share a folder but not their processes are not told apart.
 */
import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../../lib/errors.ts';
import { readIfFit, readPlainText } from '../../lib/plain-file.ts';
import { MAX_NOTE_BYTES } from '../../media/file-bounds.ts';

const NAME = 'lookout.lock';
/** What a file system says that knows no hard links (exFAT, some network shares). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

export class FolderLock implements AsyncDisposable {
  readonly #path: string;
  readonly #owner: string;

  /** Takes the lock. Throws a UserError where another Lookout holds it; other errors are those of the disk. */
  static async take(dir: string): Promise<FolderLock> {
    const path = join(dir, NAME);
    const owner = await describeProcess(process.pid);
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    await writeFile(draft, owner, { flag: 'wx' });
    try {
      let isTaken = false;
      while (!isTaken) isTaken = (await linked(draft, path)) || (await takeOver(draft, path, dir));
    } finally {
      await rm(draft, { force: true });
    }
    return new FolderLock(path, owner);
  }

  /** Process id of the Lookout that holds the folder; undefined where none does. Rejects with an UnfitFile for what is no lock. */
  static async holder(dir: string): Promise<number | undefined> {
    const owner = await textOf(join(dir, NAME));
    return owner !== undefined && (await isAlive(owner)) ? Number.parseInt(owner, 10) : undefined;
  }

  private constructor(path: string, owner: string) {
    this.#path = path;
    this.#owner = owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await readIfFit(this.#path, MAX_NOTE_BYTES)) === this.#owner) await rm(this.#path, { force: true });
  }
}

/** Gives the draft this name, too, unless the name is taken. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path).catch(async (error: unknown) => {
      if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
      await copyFile(draft, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Replaces a stale lock by ours; false where it went away or changed hands meanwhile. Throws where somebody alive holds it. */
async function takeOver(draft: string, path: string, dir: string): Promise<boolean> {
  const stale = await textOf(path);
  if (stale === undefined) return false;
  await refuseIfAlive(stale, dir);
  // Two that find the same stale lock: only one of them may replace it, after looking once more.
  const turn = `${path}.turn`;
  if (!(await linked(draft, turn))) {
    const other = await textOf(turn);
    if (other === undefined) return false;
    await refuseIfAlive(other, dir);
    await rm(turn, { force: true });
    return false;
  }
  try {
    if ((await textOf(path)) !== stale) return false;
    await rename(draft, path);
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

async function refuseIfAlive(owner: string, dir: string): Promise<void> {
  if (!(await isAlive(owner))) return;
  throw new UserError(`${dir} is in use by another Lookout (process ${Number.parseInt(owner, 10)})`, {
    hint: 'stop that one, or give this one a folder of its own (--data, or storage.dir in lookout.yaml)',
  });
}

/** Whoever wrote this still runs. In doubt it does: two writers are worse than a start that is refused. */
async function isAlive(owner: string): Promise<boolean> {
  const pid = Number.parseInt(owner, 10);
  const now = pid > 0 ? await describeProcess(pid) : 'gone';
  if (now === 'gone') return false;
  return now === owner || !now.includes(' ') || !owner.includes(' ');
}

/** `<pid> <start in ticks since boot> <boot id>` of a living process, `<pid>` alone where the system does not tell, `gone` otherwise. */
async function describeProcess(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return 'gone';
  }
  const stat = await systemText(`/proc/${pid}/stat`);
  if (stat === undefined) return `${pid}`;
  // proc(5): field 22 is starttime; field 2, the name in parentheses, may hold spaces.
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid} ${startTicks} ${(await systemText('/proc/sys/kernel/random/boot_id'))?.trim()}`;
}

async function textOf(path: string): Promise<string | undefined> {
  return await orGone(readPlainText(path, MAX_NOTE_BYTES));
}

/** Of what the system tells as files without a length. */
async function systemText(path: string): Promise<string | undefined> {
  return await orGone(readFile(path, 'utf8'));
}

async function orGone(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}
