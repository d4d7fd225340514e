/**
 * `lookout.json`: which data folder this is. A disk that is not mounted leaves an empty folder of the same name, and a swapped one
 * another: both lack this id, so it is read again before anything is written, and what lies beneath the mount point stays as it is.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeDurably } from '../../lib/durable.ts';
import { parseBounded } from '../../lib/bounded-json.ts';
import { codeOf, messageOf, RetryableError, UserError } from '../../lib/errors.ts';
import { readPlainText } from '../../lib/plain-file.ts';
import { MAX_NOTE_BYTES } from '../../media/file-bounds.ts';

const NAME = 'lookout.json';
const ID = /^[0-9a-z-]{8,64}$/;

/** The id of a data folder; undefined where it carries none that can be read. Rejects with the error of the disk. */
export async function readIdentity(dir: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readPlainText(join(dir, NAME), MAX_NOTE_BYTES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  return parseIdentity(text);
}

/** Throws a UserError where the configuration names an id and the folder does not carry it. Call before anything is made in it. */
export async function refuseOtherDisk(dir: string, wantedId: string): Promise<void> {
  const id = await readIdentity(dir);
  if (id === wantedId) return;
  throw new UserError(
    id === undefined
      ? `${dir} carries no id, but storage.id says ${wantedId}`
      : `${dir} carries the id ${id}, but storage.id says ${wantedId}`,
    { hint: 'is the disk mounted, and is it the right one? Without storage.id any folder is taken' },
  );
}

export class Identity {
  readonly id: string;
  readonly #dir: string;

  /** Reads the id of the folder, or gives it one: also to a folder from before there were ids. */
  static async claim(dir: string, atMs: number): Promise<Identity> {
    const known = await readIdentity(dir);
    const id = known ?? randomBytes(8).toString('hex');
    const identity = { schema: 1, id, createdAt: new Date(atMs).toISOString() };
    if (known === undefined) await writeDurably(join(dir, NAME), `${JSON.stringify(identity)}\n`);
    return new Identity(dir, id);
  }

  private constructor(dir: string, id: string) {
    this.#dir = dir;
    this.id = id;
  }

  /** Why the folder is not the one that was claimed; undefined while it is. */
  async fault(): Promise<string | undefined> {
    try {
      const id = await readIdentity(this.#dir);
      if (id === this.id) return undefined;
      if (id === undefined) return `the data folder ${this.#dir} is gone or empty: is the disk mounted?`;
      return `the data folder ${this.#dir} is another one (id ${id} in place of ${this.id}): was the disk swapped?`;
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      return `the data folder ${this.#dir} cannot be read (${messageOf(error)})`;
    }
  }

  /** Rejects with a RetryableError where the folder is not the one that was claimed. */
  async check(): Promise<void> {
    const fault = await this.fault();
    if (fault !== undefined) throw new RetryableError(fault, { hint: 'mount the disk again; recording goes on by itself' });
  }
}

function parseIdentity(text: string): string | undefined {
  try {
    const { id } = parseBounded(text) as { id?: unknown };
    return typeof id === 'string' && ID.test(id) ? id : undefined;
  } catch (error) {
    // A null has no id to read.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
