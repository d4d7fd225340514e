/**
 * `ledger/<camera>.jsonl`: what was closed, deleted and repaired, in order, only ever appended to and fsynced. It tells "deleted
 * by retention" from "missing", and holds the head of the chain when the index is gone. A line that the disk refused waits for
 * the next append; a torn last line (power cut) is cut off when the ledger is opened.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
import { type Head, NO_HEAD } from './chain.ts';
import { makeFolderDurably } from '../folder/folder.ts';
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
    await makeFolderDurably(this.#dir);
    const file = await open(join(this.#dir, fileOf(camera)), 'a');
    try {
      const { size } = await file.stat();
      const whole = Math.min(size, this.#bytes.get(camera) ?? size);
      // Half a line of an append that failed.
      if (size > whole) await file.truncate(whole);
      this.#bytes.set(camera, whole);
      await file.writeFile(text);
      await file.sync();
      if (size === 0) await syncFolder(this.#dir);
      this.#bytes.set(camera, whole + Buffer.byteLength(text));
    } finally {
      await file.close();
    }
  }

  /** The newest lines of every camera, with the head of its chain among them; a torn last line is cut off. For the lock's owner. */
  async open(): Promise<Map<string, LedgerLine[]>> {
    const newest = new Map<string, LedgerLine[]>();
    for (const camera of await camerasIn(this.#dir)) {
      const path = join(this.#dir, fileOf(camera));
      let part = await readPart(path, TAIL_BYTES);
      const hasHead = part.isAll || part.lines.some((entry) => 'closed' in entry);
      if (!hasHead) part = await readPart(path, Number.POSITIVE_INFINITY);
      if (part.wholeBytes < part.fileBytes) await cut(path, part.wholeBytes);
      newest.set(camera, part.lines);
    }
    return newest;
  }
}

interface LedgerPart {
  readonly lines: LedgerLine[];
  readonly isAll: boolean;
  /** up to the end of the last whole line */
  readonly wholeBytes: number;
  readonly fileBytes: number;
}

/** Every line of every camera. Reads only; a line that is none is left out. */
export async function readLedgers(dataDir: string): Promise<Map<string, LedgerLine[]>> {
  const dir = join(dataDir, 'ledger');
  const ledgers = new Map<string, LedgerLine[]>();
  for (const camera of await camerasIn(dir)) {
    const { lines } = await readPart(join(dir, fileOf(camera)), Number.POSITIVE_INFINITY);
    ledgers.set(camera, lines);
  }
  return ledgers;
}

async function readPart(path: string, maxBytes: number): Promise<LedgerPart> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const bytes = buffer.subarray(0, bytesRead);
    const begin = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = bytes.subarray(begin, end).toString('utf8').split('\n').flatMap(parseLine);
    return { lines, isAll: from === 0, wholeBytes: from + end, fileBytes: size };
  } finally {
    await file.close();
  }
}

/** Where the chain of a camera ends by its ledger. */
export function headOf(lines: readonly LedgerLine[]): Head {
  let head = NO_HEAD;
  for (const entry of lines) if ('closed' in entry && entry.seq > head.seq) head = { seq: entry.seq, hash: entry.hash };
  return head;
}

function parseLine(text: string): LedgerLine[] {
  if (text === '') return [];
  try {
    const { data } = line.safeParse(JSON.parse(text));
    return data === undefined ? [] : [data];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

async function cut(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function camerasIn(dir: string): Promise<string[]> {
  try {
    const children = await readdir(dir, { withFileTypes: true });
    return children
      .filter((child) => child.isFile() && child.name.endsWith('.jsonl'))
      .map(({ name }) => name.slice(0, -'.jsonl'.length))
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
