/** What a piece of work costs per frame: CPU of this process and of others named, and the garbage that it leaves. Needs --expose-gc. */
import { readdirSync, readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { median } from './report.ts';

/** Frames between two looks at the heap: few enough that no collection comes between. */
const WINDOW = 5;
const WINDOWS = 9;

export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface Garbage {
  /** on the heap of JavaScript */
  readonly heapBytes: number;
  /** in buffers beside it */
  readonly bufferBytes: number;
}

/** Per frame, over `frames` frames. `pids`: whose CPU counts too. */
export async function costOf(
  work: (frame: number) => unknown,
  { frames, pids = [] }: { frames: number; pids?: readonly number[] },
): Promise<Cost> {
  const before = process.cpuUsage();
  const othersBefore = pids.map(cpuMsOf);
  const startedMs = performance.now();
  for (let frame = 0; frame < frames; frame++) await work(frame);
  const { user, system } = process.cpuUsage(before);
  const othersMs = pids.reduce((sum, pid, i) => sum + cpuMsOf(pid) - (othersBefore[i] ?? 0), 0);
  return { cpuMs: ((user + system) / 1000 + othersMs) / frames, wallMs: (performance.now() - startedMs) / frames };
}

/** Per frame, the median of several short windows in which nothing was collected. */
export async function garbageOf(work: (frame: number) => unknown): Promise<Garbage> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  const windows: Garbage[] = [];
  for (let tries = 0; windows.length < WINDOWS && tries < 5 * WINDOWS; tries++) {
    globalThis.gc?.();
    await turn();
    const [before, collectionsBefore] = [process.memoryUsage(), collections];
    for (let frame = 0; frame < WINDOW; frame++) await work(tries * WINDOW + frame);
    const after = process.memoryUsage();
    await turn();
    if (collections > collectionsBefore) continue;
    windows.push({
      heapBytes: (after.heapUsed - before.heapUsed) / WINDOW,
      bufferBytes: (after.arrayBuffers - before.arrayBuffers) / WINDOW,
    });
  }
  observer.disconnect();
  return {
    heapBytes: median(windows.map(({ heapBytes }) => heapBytes)),
    bufferBytes: median(windows.map(({ bufferBytes }) => bufferBytes)),
  };
}

/** Time of another process on the processor, all threads, to the microsecond: the first field of schedstat. */
function cpuMsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

/** Observers are told between two turns of the event loop. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2));
}
