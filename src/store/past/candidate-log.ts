/**
 * Candidates while no event is open → `candidates/<camera>/<hour>.jsonl`, so that settings can be judged by what they missed. Only
 * frames that hold one are written, in bulk and without fsync; a scene that is full of them is written in stretches, so that an
 * hour costs no more than its share of the disk; the oldest hours go when a camera's share is full. Losing it loses
 * no evidence: a disk that refuses is told once and then left alone until it takes again.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseJson } from '../../lib/bounded-json.ts';
import { codeOf } from '../../lib/errors.ts';
import { appendPlain, plainLines } from '../../lib/plain-file.ts';
import { round, roundedBox } from '../../lib/round.ts';
import { MAX_LINE_BYTES } from '../../media/file-bounds.ts';
import type { Box } from '../../messages/video.ts';
import { makeFolderDurably } from '../folder/folder.ts';
import { hasScoreAndBox } from './past-events.ts';
import { CAMERA } from '../folder/place.ts';

/** One detection frame with candidates. */
export interface CandidateMoment {
  readonly atMs: number;
  readonly candidates: readonly { readonly score: number; readonly box: Box }[];
}

export interface CandidateLogOptions {
  readonly dataDir: string;
  /** of all hours of one camera */
  readonly maxBytes?: number;
  /** of one camera, beyond a first stretch */
  readonly maxBytesPerHour?: number;
  readonly onFault: (error: unknown) => void;
  /** rejects where nothing may be written into the data folder */
  readonly guard?: () => Promise<void>;
}

const DEFAULT_MAX_BYTES = 16_000_000;
const DEFAULT_MAX_BYTES_PER_HOUR = 2_000_000;
/** Written without a pause: somebody who is not confirmed takes a few hundred bytes a second. */
const STRETCH_BYTES = 64_000;
const HOUR_MS = 3_600_000;
const FLUSH_CHARS = 64_000;
/** A model sees something at 0.1 in every bush; no sensible setting goes below this. */
const MIN_SCORE = 0.2;
const MAX_CANDIDATES = 20;
const FILE = /^\d{4}-\d{2}-\d{2}T\d{2}\.jsonl$/;

export class CandidateLog implements AsyncDisposable {
  readonly #options: CandidateLogOptions;
  /** not yet on its way to the disk, per file */
  readonly #pending = new Map<string, string>();
  readonly #budgets = new Map<string, Budget>();
  #writing: Promise<void> = Promise.resolve();
  #isAtFault = false;

  constructor(options: CandidateLogOptions) {
    this.#options = options;
  }

  /** Never waits and never throws for the disk. */
  add(camera: string, { atMs, candidates }: CandidateMoment): void {
    const kept = candidates.filter(({ score }) => score >= MIN_SCORE).slice(0, MAX_CANDIDATES);
    if (kept.length === 0) return;
    const path = join(folderOf(this.#options.dataDir, camera), `${new Date(atMs).toISOString().slice(0, 13)}.jsonl`);
    const moment = { atMs, candidates: kept.map(({ score, box }) => ({ score: round(score, 3), box: roundedBox(box) })) };
    const line = `${JSON.stringify(moment)}\n`;
    if (!this.#budgetOf(camera, atMs).take(atMs, line.length)) return;
    const text = `${this.#pending.get(path) ?? ''}${line}`;
    this.#pending.set(path, text);
    if (text.length >= FLUSH_CHARS) this.flush();
  }

  /** Gives what was added so far to the disk. */
  flush(): void {
    for (const [path, text] of this.#pending) this.#writing = this.#writing.then(async () => await this.#write(path, text));
    this.#pending.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.flush();
    await this.#writing;
  }

  #budgetOf(camera: string, atMs: number): Budget {
    const budget = this.#budgets.get(camera) ?? new Budget(this.#options.maxBytesPerHour ?? DEFAULT_MAX_BYTES_PER_HOUR, atMs);
    this.#budgets.set(camera, budget);
    return budget;
  }

  async #write(path: string, text: string): Promise<void> {
    try {
      await this.#options.guard?.();
      await makeFolderDurably(dirname(path), { within: resolve(this.#options.dataDir) });
      await appendPlain(path, text);
      await trim(dirname(path), this.#options.maxBytes ?? DEFAULT_MAX_BYTES);
      this.#isAtFault = false;
    } catch (error) {
      if (!this.#isAtFault) this.#options.onFault(error);
      this.#isAtFault = true;
    }
  }
}

/**
 * Bytes that may be written now. Empty, it fills to a half before it gives again: whole stretches can be replayed, single pictures
 * cannot.
 */
class Budget {
  readonly #bytesPerMs: number;
  #bytes = STRETCH_BYTES;
  #atMs: number;
  #isOpen = true;

  constructor(bytesPerHour: number, atMs: number) {
    this.#bytesPerMs = bytesPerHour / HOUR_MS;
    this.#atMs = atMs;
  }

  take(atMs: number, bytes: number): boolean {
    this.#bytes = Math.min(STRETCH_BYTES, this.#bytes + Math.max(0, atMs - this.#atMs) * this.#bytesPerMs);
    this.#atMs = atMs;
    if (!this.#isOpen && this.#bytes < STRETCH_BYTES / 2) return false;
    this.#isOpen = this.#bytes >= bytes;
    if (this.#isOpen) this.#bytes -= bytes;
    return this.#isOpen;
  }
}

/** Newest hours first, as many as fit; the newest stays. */
async function trim(folder: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  for (const [i, name] of (await hoursIn(folder)).toReversed().entries()) {
    const path = join(folder, name);
    bytes += (await lstat(path)).size;
    if (i > 0 && bytes > maxBytes) await rm(path, { force: true, recursive: true });
  }
}

/** Oldest first; empty where the camera has none. */
export async function readCandidates(dataDir: string, camera: string): Promise<CandidateMoment[]> {
  const folder = folderOf(dataDir, camera);
  const moments: CandidateMoment[] = [];
  for (const name of await hoursIn(folder)) {
    for (const moment of await momentsIn(join(folder, name))) moments.push(moment);
  }
  return moments;
}

/** None where something else is in its place: this is no evidence. */
async function momentsIn(path: string): Promise<CandidateMoment[]> {
  const moments: CandidateMoment[] = [];
  try {
    for await (const { text = '' } of plainLines(path, { maxBytes: DEFAULT_MAX_BYTES, maxLineBytes: MAX_LINE_BYTES })) {
      const value = parseJson(text);
      if (isMoment(value)) moments.push(value);
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
  return moments;
}

async function hoursIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => FILE.test(name)).sort();
}

function folderOf(dataDir: string, camera: string): string {
  if (!CAMERA.test(camera)) throw new TypeError(`Expected a camera name of a-z, 0-9, _ and - but received ${camera}`);
  return join(resolve(dataDir), 'candidates', camera);
}

function isMoment(value: unknown): value is CandidateMoment {
  if (typeof value !== 'object' || value === null) return false;
  const { atMs, candidates } = value as Partial<Record<keyof CandidateMoment, unknown>>;
  return typeof atMs === 'number' && Array.isArray(candidates) && candidates.every(hasScoreAndBox);
}
