/** A command with all it starts → CPU and wall seconds, peak memory per kind of process. Linux: reads /proc. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;

export interface Usage {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** peak resident set in bytes, by what the process is */
  readonly peakBytes: ReadonlyMap<string, number>;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TreeOptions {
  /** told of each line of stderr; may ask the command to stop */
  readonly onStderr?: (line: string, stop: () => void) => void;
  /** called with the pid once it runs */
  readonly onStart?: (pid: number, stop: () => void) => void;
}

/** Runs the command to its end. Throws when it fails. */
export async function measureTree(argv: readonly string[], options: TreeOptions = {}): Promise<Usage> {
  const before = finishedChildrenSeconds();
  const startedMs = performance.now();
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGTERM');
  const peakBytes = new Map<string, number>();
  const sampler = setInterval(() => samplePeaks(child.pid ?? 0, peakBytes), SAMPLE_MS);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
    for (const line of chunk.split('\n')) options.onStderr?.(line, stop);
  });
  options.onStart?.(child.pid ?? 0, stop);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${text.stderr.slice(-2000)}`);
  return {
    cpuSeconds: finishedChildrenSeconds() - before,
    wallSeconds: (performance.now() - startedMs) / 1000,
    peakBytes,
    ...text,
  };
}

/** CPU seconds of finished children and of the children that they waited for: fields 16 and 17 of proc(5) stat. */
function finishedChildrenSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function samplePeaks(rootPid: number, peaks: Map<string, number>): void {
  for (const pid of [rootPid, ...descendants(rootPid)]) {
    try {
      const kind = kindOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      const bytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
      peaks.set(kind, Math.max(peaks.get(kind) ?? 0, bytes));
    } catch (error) {
      // It ended between the listing and the look.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

function kindOf(commandLine: string): string {
  if (commandLine.includes('libx264')) return 'encoder (ffmpeg)';
  if (commandLine.includes('ffprobe')) return 'probe';
  if (commandLine.includes('ffmpeg')) return commandLine.includes('rgb24') ? 'snapshot (ffmpeg)' : 'decoder (ffmpeg)';
  if (commandLine.includes('detector/host')) return 'detector host';
  return 'main';
}

/** Children of children too, from the parent field of every process. */
export function descendants(rootPid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
  const found: number[] = [];
  const isBelow = (pid: number): boolean => pid === rootPid || (parents.has(pid) && isBelow(parents.get(pid) ?? 0));
  for (const pid of parents.keys()) if (pid !== rootPid && isBelow(pid)) found.push(pid);
  return found;
}
