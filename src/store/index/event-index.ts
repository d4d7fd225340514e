/**
 * `index.sqlite`: closed events by id, start and camera. An index of what lies in the folders and nothing else, so whatever is
 * wrong with it — gone, corrupt, of a later version, not to be opened, better-sqlite3 not built for this machine — costs a rebuild
 * or the index, never a start. Errors of SQLite leave here as IndexError.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type SqliteDriver from 'better-sqlite3';
import type { Database, Statement } from 'better-sqlite3';
import { codeOf, messageOf } from '../../lib/errors.ts';
import { unfitnessOf } from '../../lib/plain-file.ts';
import { migrate } from './index-schema.ts';
import type { Holding } from './shelf.ts';
import type { Entry, EntryQuery } from './timeline.ts';

export const INDEX_NAME = 'index.sqlite';
/** Waiting for a lock blocks the process; only `verify` of another process ever takes one, for moments. */
const BUSY_MS = 100;
/** An index that breaks at every start must not fill the disk. */
const MAX_ASIDE = 3;

/** What is kept of one event, beside its text. */
export interface Row extends Holding {
  readonly hash: string | undefined;
  /** of event.json when it was read: another size or time means that it must be read again */
  readonly jsonBytes: number;
  readonly jsonMtimeMs: number;
}

export class IndexError extends Error {
  override readonly name = 'IndexError';
  /** the file itself is not right: it must be made anew */
  readonly isBroken: boolean;

  /** better-sqlite3 does not load here */
  readonly isDriver: boolean;

  constructor(cause: unknown, { isDriver = false }: { isDriver?: boolean } = {}) {
    super(messageOf(cause), { cause });
    this.isDriver = isDriver;
    this.isBroken =
      cause instanceof SyntaxError ||
      /^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|SCHEMA)/.test(codeOf(cause) ?? '') ||
      messageOf(cause).startsWith('no such');
  }
}

interface StoredRow extends Omit<Row, 'isProtected' | 'place' | 'seq' | 'hash'> {
  readonly id: string;
  readonly camera: string;
  readonly day: string;
  readonly isProtected: number;
  readonly seq: number | null;
  readonly hash: string | null;
}

export class EventIndex {
  readonly path: string;
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();

  /** Opens or makes it. Rejects with an IndexError. */
  static async open(dataDir: string, options: { readonly?: boolean } = {}): Promise<EventIndex> {
    const path = join(dataDir, INDEX_NAME);
    const Sqlite = await loadDriver();
    await refuseUnfit(path);
    return guarded(() => {
      const isReadOnly = options.readonly ?? false;
      const db = new Sqlite(path, { timeout: BUSY_MS, readonly: isReadOnly, fileMustExist: isReadOnly });
      try {
        if (!isReadOnly) {
          db.pragma('journal_mode = WAL');
          db.pragma('synchronous = FULL');
          migrate(db);
        }
        const health: unknown = db.pragma('quick_check(events)', { simple: true });
        if (health !== 'ok') throw new Error(String(health));
        return new EventIndex(db, path);
      } catch (error) {
        db.close();
        throw error;
      }
    });
  }

  private constructor(db: Database, path: string) {
    this.#db = db;
    this.path = path;
  }

  rows(): Row[] {
    return guarded(() => (this.#sql('SELECT * FROM events').all() as StoredRow[]).map(rowOf));
  }

  put(row: Row, text: string): void {
    this.putAll([{ row, text }]);
  }

  putAll(all: readonly { readonly row: Row; readonly text: string }[]): void {
    guarded(() =>
      this.#db.transaction(() => {
        const putRow = this.#sql(
          'INSERT OR REPLACE INTO events VALUES (@id, @camera, @day, @startMs, @bytes, @isProtected, @seq, @hash, @jsonBytes, @jsonMtimeMs)',
        );
        const putText = this.#sql('INSERT OR REPLACE INTO records VALUES (?, ?)');
        for (const { row, text } of all) {
          putRow.run({
            ...row,
            ...row.place,
            isProtected: Number(row.isProtected),
            seq: row.seq ?? null,
            hash: row.hash ?? null,
          });
          putText.run(row.place.id, text);
        }
      })(),
    );
  }

  deleteAll(ids: readonly string[]): void {
    guarded(() =>
      this.#db.transaction(() => {
        for (const id of ids) {
          this.#sql('DELETE FROM events WHERE id = ?').run(id);
          this.#sql('DELETE FROM records WHERE id = ?').run(id);
        }
      })(),
    );
  }

  text(id: string): string | undefined {
    return guarded(() => this.#sql('SELECT text FROM records WHERE id = ?').pluck().get(id) as string | undefined);
  }

  entries({ camera, fromMs, toMs, before, limit }: EntryQuery): Entry[] {
    const where = ['1'];
    if (camera !== undefined) where.push('camera = @camera');
    if (fromMs !== undefined) where.push('startMs >= @fromMs');
    if (toMs !== undefined) where.push('startMs < @toMs');
    if (before !== undefined) where.push('(startMs, id) < (@beforeMs, @beforeId)');
    const sql = `SELECT id, camera, day, startMs, text FROM events JOIN records USING (id) WHERE ${where.join(' AND ')} ORDER BY startMs DESC, id DESC LIMIT @limit`;
    const given = { camera, fromMs, toMs, beforeMs: before?.startMs, beforeId: before?.id, limit };
    const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const rows = guarded(() => this.#sql(sql).all(values)) as (Entry['place'] & Omit<Entry, 'place'>)[];
    return rows.map(({ id, day, startMs, text, camera: of }) => ({ place: { id, camera: of, day }, startMs, text }));
  }

  close(): void {
    guarded(() => this.#db.close());
  }

  #sql(text: string): Statement {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** It is built for one machine and one Node, so it may be there and not load: found out before a good file is blamed. */
async function loadDriver(): Promise<typeof SqliteDriver> {
  try {
    const { default: Sqlite } = await import('better-sqlite3');
    new Sqlite(':memory:').close();
    return Sqlite;
  } catch (cause) {
    throw new IndexError(cause, { isDriver: true });
  }
}

/** SQLite would follow a link, and wait for a pipe. */
async function refuseUnfit(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) {
    const unfit = await unfitnessOf(`${path}${suffix}`).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw new IndexError(error);
      return undefined;
    });
    if (unfit) throw new IndexError(unfit);
  }
}

/** Moves it out of the way, with what belongs to it; returns where to. The oldest of those that lie there already go. */
export async function setAside(dataDir: string, stamp: string): Promise<string> {
  const older = (await readdir(dataDir)).filter((name) => name.startsWith(`${INDEX_NAME}.broken-`)).sort();
  const stamps = [...new Set(older.map((name) => name.replace(/-(wal|shm)$/, '')))];
  for (const name of older) {
    if (stamps.slice(0, 1 - MAX_ASIDE).some((old) => name.startsWith(old)))
      await rm(join(dataDir, name), { force: true, recursive: true });
  }
  const to = join(dataDir, `${INDEX_NAME}.broken-${stamp}`);
  for (const suffix of ['', '-wal', '-shm']) {
    await rename(join(dataDir, `${INDEX_NAME}${suffix}`), `${to}${suffix}`).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
  return to;
}

function rowOf({ id, camera, day, isProtected, seq, hash, ...rest }: StoredRow): Row {
  return { ...rest, place: { id, camera, day }, isProtected: isProtected !== 0, seq: seq ?? undefined, hash: hash ?? undefined };
}

/** What SQLite throws is not of the disk and no bug either. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError || error instanceof IndexError) throw error;
    throw new IndexError(error);
  }
}
