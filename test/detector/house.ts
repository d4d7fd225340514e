/** What the detector's tests share: leased frames, temp folders, a logger to read, and waiting for something to become true. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { Detector, type DetectorOptions } from '../../src/detector/detector.ts';
import { BufferPool } from '../../src/lib/buffer-pool.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../src/lib/log.ts';
import type { DetectFrame, SizePx, VideoFormat } from '../../src/messages/video.ts';
import { TOY_SIZE } from './onnx-writer.ts';

export const MODEL_PATH = new URL('../../models/nanodet-plus-m.onnx', import.meta.url).pathname;

/** A format whose detection frames are filled by the picture. */
export function formatOf(size: SizePx): VideoFormat {
  const detect = { ...size, fps: 5, picture: { ...size, leftPx: 0, topPx: 0 } };
  return {
    source: { ...size, fps: 5, codec: 'rawvideo' },
    detect,
    record: { ...size, fps: 5 },
    framesPerSlot: 1,
    feed: 'frames',
  };
}

export const TOY_FORMAT = formatOf(TOY_SIZE);

/** Detection frames out of one pool: `leased` says how many somebody still holds. */
export class Frames {
  readonly #pool: BufferPool;

  constructor(size: SizePx = TOY_SIZE) {
    this.#pool = new BufferPool(size.widthPx * size.heightPx * 3, 4);
  }

  get leased(): number {
    return this.#pool.leased;
  }

  /** A frame of one grey, or of these bytes. */
  frame(slot: number, content: number | Uint8Array = 0): DetectFrame {
    const lease = this.#pool.lease();
    if (typeof content === 'number') lease.data.fill(content);
    else lease.data.set(content);
    return {
      slot,
      ptsMs: slot * 200,
      atMs: 0,
      arrivedNowMs: systemClock.nowMs(),
      isRepeat: false,
      data: lease.data,
      release: () => lease.release(),
    };
  }
}

export async function openDetector(modelPath: string, more: Partial<DetectorOptions> = {}): Promise<Detector> {
  return await Detector.open({ modelPath, labels: ['person'], clock: systemClock, log: silentLogger, ...more });
}

export interface TempFolder extends AsyncDisposable {
  readonly dir: string;
  /** writes a file and returns its path */
  file(name: string, content: string | Uint8Array): Promise<string>;
}

export async function tempFolder(): Promise<TempFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'lookout-detector-'));
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };
  return { dir, file, [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true }) };
}

/** A logger, the messages written to it, and the pids of the children that were started under it. */
export function readableLog(): { log: Logger; messages: string[] } {
  const messages: string[] = [];
  const log = pino(
    { base: null, level: 'info' },
    { write: (line: string) => messages.push((JSON.parse(line) as { msg: string }).msg) },
  );
  return { log, messages };
}

/** Polls, so that a test waits for what it wants and not for a time. */
export async function until(isTrue: () => boolean, withinMs = 30_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`Expected ${String(isTrue)} within ${withinMs} ms`);
    await delay(5);
  }
}

/** Whether a process exists (a zombie counts: nobody waited for it). */
export function exists(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
