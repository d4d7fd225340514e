/** A running Lookout → CPU and memory of all its processes over a window, from /proc. Linux. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants } from './process-tree.ts';

const TICKS_PER_SECOND = 100;

export interface Load {
  /** of one core, 0…1 and beyond */
  readonly cpuShare: number;
  /** memory, summed up over the processes; what several of them share counts once */
  readonly bytes: number;
  readonly processes: number;
}

export interface WindowOptions {
  /** from `camera online` on */
  readonly settleMs: number;
  readonly windowMs: number;
}

/** Starts it, measures once its camera is there, and stops it. */
export async function loadOf(argv: readonly string[], { settleMs, windowMs }: WindowOptions): Promise<Load> {
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  try {
    for await (const line of createInterface(child.stderr)) if (line.includes('camera online')) break;
    child.stderr.resume();
    await delay(settleMs);
    const pids = [child.pid ?? 0, ...descendants(child.pid ?? 0)];
    const [before, startedMs] = [ticksOf(pids), performance.now()];
    await delay(windowMs);
    const now = [child.pid ?? 0, ...descendants(child.pid ?? 0)];
    const seconds = (performance.now() - startedMs) / 1000;
    const cpuShare = (ticksOf(now) - before) / TICKS_PER_SECOND / seconds;
    return { cpuShare, bytes: now.reduce((sum, pid) => sum + proportionalBytes(pid), 0), processes: now.length };
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}

/** User and system time, their own and of children that ended: fields 14 to 17 of proc(5) stat. */
function ticksOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = textOf(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + [11, 12, 13, 14].reduce((ticks, at) => ticks + Number(fields[at] ?? 0), 0);
  }, 0);
}

/** Proportional set size of proc(5) smaps_rollup. */
function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

/** A process may end between two looks. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return '';
  }
}
