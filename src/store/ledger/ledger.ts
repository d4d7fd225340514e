/**
 * `ledger/<camera>.jsonl`: what was closed, deleted and repaired, in order, only ever appended to and fsynced. It tells "deleted
 * by retention" from "missing", and holds the head of the chain when the index is gone. A line that the disk refused waits for
 * the next append; a torn last line (power cut) is cut off when the ledger is opened.
 */
import { readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../lib/bounded-json.ts';
import { syncFolder } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
import { openPlain, plainLines, readBlock, UnfitFile } from '../../lib/plain-file.ts';
import { type Head, NO_HEAD } from './chain.ts';
import { makeFolderDurably, refuseUnfit } from '../folder/folder.ts';
import { CAMERA, ID } from '../folder/place.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().regex(ID);
const day = z.string().regex(/^\d{4}\/\d{2}\/\d{2}$/);

const line = z.union([
  z.object({ closed: id, day, seq: z.number().int(), previous: hash, hash }),
  /** written before the folder goes; without seq where the event was never closed or is from before there were chains */
  z.object({ deleted: id, day, seq: z.number().int().optional(), bytes: z.number(), reason: z.string(), at: z.string() }),
  /** what could be saved of a damaged event has another content: `hash` stands for `was` from here on */
  z.object({ repaired: id, day, seq: z.number().int(), was: hash, hash, at: z.string() }),
]);

const TAIL_BYTES = 262_144;
/** Two million events. Their lines are held by `verify`, a start is content with the newest. */
const MAX_LEDGER_BYTES = 500_000_000;
/** Ours have 300 bytes. */
const MAX_LINE_BYTES = 4096;
const NEWLINE = 0x0a;

export type LedgerLine = z.output<typeof line>;

export class Ledger {
  readonly #dir: string;
  readonly #pending = new Map<string, string>();
  /** of each file, as far as it is known to be whole */
  readonly #bytes = new Map<string, number>();

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'ledger');
  }

  /** Rejects with the error of the disk; the lines are then written with the next ones. One call at a time per camera. */
  async append(camera: string, entries: readonly LedgerLine[]): Promise<void> {
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    this.#pending.set(camera, `${this.#pending.get(camera) ?? ''}${text}`);
    await this.#flush(camera);
  }

  /** The same, but a line that the disk refuses is forgotten: what it announces is not done. */
  async appendNow(camera: string, entry: LedgerLine): Promise<void> {
    await this.#write(camera, `${this.#pending.get(camera) ?? ''}${JSON.stringify(entry)}\n`);
    this.#pending.delete(camera);
  }

  async #flush(camera: string): Promise<void> {
    await this.#write(camera, this.#pending.get(camera) ?? '');
    this.#pending.delete(camera);
  }

  async #write(camera: string, text: string): Promise<void> {
    await makeFolderDurably(this.#dir, { within: dirname(this.#dir) });
    await using file = await openPlain(join(this.#dir, fileOf(camera)), 'append');
    const { size } = await file.stat();
    const whole = Math.min(size, this.#bytes.get(camera) ?? size);
    // Half a line of an append that failed.
    if (size > whole) await file.truncate(whole);
    this.#bytes.set(camera, whole);
    await file.writeFile(text);
    await file.sync();
    if (size === 0) await syncFolder(this.#dir);
    this.#bytes.set(camera, whole + Buffer.byteLength(text));
  }

  /**
   * The newest lines of every camera, with the head of its chain among them; a torn last line is cut off. What is no ledger is put
   * aside and told: the next start, this one, writes what the events say into a new one. For the lock's owner.
   */
  async open(stamp: string, onUnfit: (error: UnfitFile) => void): Promise<Map<string, LedgerLine[]>> {
    const newest = new Map<string, LedgerLine[]>();
    const putAside = async (path: string, error: unknown): Promise<void> => {
      if (!(error instanceof UnfitFile)) throw error;
      await rename(path, `${path}.unfit-${stamp}`);
      onUnfit(error);
    };
    const cameras = await camerasIn(this.#dir).catch(async (error: unknown) => await putAside(this.#dir, error));
    for (const camera of cameras ?? []) {
      const path = join(this.#dir, fileOf(camera));
      try {
        const part = (await readTail(path)) ?? (await readLedger(path));
        await cut(path, part.wholeBytes);
        newest.set(camera, part.lines);
      } catch (error) {
        await putAside(path, error);
      }
    }
    return newest;
  }
}

interface LedgerPart {
  readonly lines: LedgerLine[];
  /** up to the end of the last whole line */
  readonly wholeBytes: number;
}

/** Every line of every camera. Reads only; a line that is none is left out, and so is a ledger that is none, which is told. */
export async function readLedgers(
  dataDir: string,
  onUnfit: (error: UnfitFile, camera?: string) => void = () => undefined,
): Promise<Map<string, LedgerLine[]>> {
  const dir = join(dataDir, 'ledger');
  const ledgers = new Map<string, LedgerLine[]>();
  const cameras = await camerasIn(dir).catch((error: unknown) => {
    if (!(error instanceof UnfitFile)) throw error;
    onUnfit(error);
  });
  for (const camera of cameras ?? []) {
    const path = join(dir, fileOf(camera));
    try {
      ledgers.set(camera, (await readLedger(path)).lines);
    } catch (error) {
      if (!(error instanceof UnfitFile)) throw error;
      onUnfit(error, camera);
    }
  }
  return ledgers;
}

/** Whole lines, one at a time: one that is no line of ours costs what it is, not what follows. Rejects with an UnfitFile. */
async function readLedger(path: string): Promise<LedgerPart> {
  const lines: LedgerLine[] = [];
  let wholeBytes = 0;
  for await (const { text = '', endsAt, isWhole } of plainLines(path, {
    maxBytes: MAX_LEDGER_BYTES,
    maxLineBytes: MAX_LINE_BYTES,
  })) {
    if (!isWhole) break;
    wholeBytes = endsAt;
    lines.push(...parseLine(text));
  }
  return { lines, wholeBytes };
}

/** The newest lines; undefined where the head of the chain is not among them. */
async function readTail(path: string): Promise<LedgerPart | undefined> {
  await using file = await openPlain(path);
  const { size } = await file.stat();
  const from = Math.max(0, size - TAIL_BYTES);
  const bytes = await readBlock(file, { at: from, bytes: size - from, maxBytes: TAIL_BYTES });
  const begin = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.subarray(begin, Math.max(begin, end)).toString('utf8').split('\n').flatMap(parseLine);
  const hasHead = from === 0 || lines.some((entry) => 'closed' in entry);
  return hasHead ? { lines, wholeBytes: from + end } : undefined;
}

/** Where the chain of a camera ends by its ledger. */
export function headOf(lines: readonly LedgerLine[]): Head {
  let head = NO_HEAD;
  for (const entry of lines) if ('closed' in entry && entry.seq > head.seq) head = { seq: entry.seq, hash: entry.hash };
  return head;
}

function parseLine(text: string): LedgerLine[] {
  const { data } = line.safeParse(parseJson(text));
  return data === undefined ? [] : [data];
}

/** A torn last line goes. */
async function cut(path: string, bytes: number): Promise<void> {
  await using file = await openPlain(path, 'change');
  if ((await file.stat()).size <= bytes) return;
  await file.truncate(bytes);
  await file.sync();
}

async function camerasIn(dir: string): Promise<string[]> {
  try {
    await refuseUnfit(dir);
    const names = await readdir(dir);
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => name.slice(0, -'.jsonl'.length))
      .filter((name) => CAMERA.test(name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function fileOf(camera: string): string {
  if (!CAMERA.test(camera)) throw new TypeError(`Expected a camera name of a-z, 0-9, _ and - but received ${camera}`);
  return `${camera}.jsonl`;
}
