/**
 * An encoder outlives a `kill -9` of its recorder for as long as its last segment takes. It works inside the folder of its
 * event, so it is found by where it stands; the folder is left to it until it is done.
 */
import { readdir, readlink } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import { codeOf } from '../../lib/errors.ts';

const LOOK_EVERY_MS = 50;
const GIVE_UP_MS = 5000;

/** Resolves once no process works inside the folder any more, or this took too long. At once where there is no /proc. */
export async function whenLeftAlone(folder: string, clock: Clock): Promise<void> {
  const untilMs = clock.nowMs() + GIVE_UP_MS;
  while ((await isWorkedIn(folder)) && clock.nowMs() < untilMs) await clock.sleep(LOOK_EVERY_MS);
}

async function isWorkedIn(folder: string): Promise<boolean> {
  const processes = await namesIn('/proc');
  const folders = await Promise.all(processes.filter((name) => /^\d+$/.test(name)).map(workingFolderOf));
  return folders.includes(folder);
}

async function workingFolderOf(pid: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    // Gone in the meantime, or of another account: not our encoder.
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
