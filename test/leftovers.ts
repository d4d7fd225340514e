/** What a test must not leave behind: child processes of this one, found in /proc (none elsewhere, so nothing is said there). */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

export interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
}

/** The living children of a process, this one if none is named. A child that is dead but not waited for yet is one, too. */
export async function childrenOf(parentPid: number = process.pid): Promise<Process[]> {
  if (!existsSync('/proc/self/stat')) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await parentOf(pid)) === parentPid ? await processOf(pid) : [])));
  return found.flat();
}

export async function argvOfProcess(pid: number): Promise<string[]> {
  return (await readOrNothing(`/proc/${pid}/cmdline`)).split('\0').slice(0, -1);
}

/** Neither gone nor dead and only waiting for somebody to ask for its exit code. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = (await statOf(pid))[0];
  return state !== undefined && !'ZX'.includes(state);
}

/** Resolves once the process runs no more. The caller's timeout bounds it. */
export async function untilGone(pid: number): Promise<void> {
  while (await isRunning(pid)) await delay(10);
}

/** To be called once in a test file: fails it when a child process is still there after its last test. */
export function expectNoLeftovers(): void {
  afterAll(async () => {
    expect(await childrenOf(), 'child processes left behind').toEqual([]);
  });
}

async function processOf(pid: number): Promise<Process[]> {
  return [{ pid, argv: await argvOfProcess(pid) }];
}

async function parentOf(pid: number): Promise<number> {
  return Number((await statOf(pid))[1]);
}

/** State, parent, group, … of stat(5): what follows the name, which stands in brackets and may hold anything. */
export async function statOf(pid: number): Promise<string[]> {
  const stat = await readOrNothing(`/proc/${pid}/stat`);
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process may end between two looks. */
async function readOrNothing(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
