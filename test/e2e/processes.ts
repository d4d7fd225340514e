/**
 * The processes of one Lookout, found by a mark in their environment, which children inherit: also those whose parent is gone.
 * Reads /proc.
 */
import { readdir, readFile } from 'node:fs/promises';
import { until } from './feed.ts';

export type Role = 'main' | 'decoder' | 'encoder' | 'host' | 'probe' | 'other';

export interface Process {
  readonly pid: number;
  readonly role: Role;
  readonly argv: readonly string[];
}

/** Name of the variable that carries the mark. */
export const MARK = 'LOOKOUT_E2E_MARK';

export async function processesOf(mark: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => describe(pid, mark)));
  return found.filter((process) => process !== undefined);
}

/** Waits for a process of this role; `not` are pids that were there before. */
export async function processOf(mark: string, role: Role, not: readonly number[] = []): Promise<Process> {
  return await until(
    async () => (await processesOf(mark)).find((process) => process.role === role && !not.includes(process.pid)),
    { what: `a process: ${role}` },
  );
}

async function describe(pid: number, mark: string): Promise<Process | undefined> {
  try {
    // A zombie has no environment any more, so it is none.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (!environment.split('\0').includes(`${MARK}=${mark}`)) return undefined;
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    return { pid, role: roleOf(argv), argv };
  } catch {
    // Gone in the meantime, or of another account.
    return undefined;
  }
}

function roleOf(argv: readonly string[]): Role {
  const program = argv[0]?.split('/').at(-1) ?? '';
  if (program === 'ffprobe') return 'probe';
  if (program === 'ffmpeg' && argv.includes('pipe:3')) return 'decoder';
  if (program === 'ffmpeg' && argv.includes('hls')) return 'encoder';
  if (argv.some((word) => /\/src\/detector\/host\.[jt]s$/.test(word))) return 'host';
  // It gives itself this name, because its own command line may hold a password.
  if (program === 'lookout') return 'main';
  return 'other';
}
