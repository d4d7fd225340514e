/**
 * A regular file → its bytes, text or lines, never more than the reader can bear. The one way to read and append to what lies in a
 * folder that others can write to: a link is not followed, a pipe or a device is not waited for, and what is longer than it can
 * ever rightly be is refused before it is read. (Only the last name of a path is looked at: links between folders are the caller's.)
 */
import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, UserError } from './errors.ts';

const HINT = 'move it away: Lookout makes its own where it needs one, and leaves the rest as it is';

/** What is there is not what should be. Has a code, as errors of the disk do: whoever can do without a file can do without this one. */
export class UnfitFile extends UserError {
  override readonly name = 'UnfitFile';
  readonly code = 'EUNFIT';
  /** `snapshot.jpg is a link, not a file`: without the path of this machine */
  readonly sentence: string;

  constructor(path: string, what: string, hint: string = HINT) {
    super(`${path} ${what}`, { hint });
    this.sentence = `${basename(path)} ${what}`;
  }
}

export interface Line {
  /** undefined where it is longer than a line may be */
  readonly text: string | undefined;
  /** byte behind it, and behind its newline */
  readonly endsAt: number;
  /** a newline ends it */
  readonly isWhole: boolean;
}

const { O_RDONLY, O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
const FLAGS = { read: O_RDONLY, change: O_RDWR, append: O_WRONLY | O_APPEND | O_CREAT } as const;
const BLOCK_BYTES = 65_536;
const NEWLINE = 0x0a;
/** What `open` says of what is no regular file: links, folders, pipes nobody reads, sockets, devices. */
const NOT_PLAIN = new Set(['ELOOP', 'EMLINK', 'EISDIR', 'ENXIO', 'ENODEV', 'EOPNOTSUPP']);

/** Rejects with an UnfitFile where something else is in its place; other errors are those of the disk. */
export async function openPlain(path: string, to: keyof typeof FLAGS = 'read'): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, FLAGS[to] | O_NOFOLLOW | O_NONBLOCK, 0o666);
  } catch (error) {
    if (NOT_PLAIN.has(codeOf(error) ?? '')) throw (await unfitnessOf(path)) ?? error;
    throw error;
  }
  try {
    if ((await file.stat()).isFile()) return file;
    throw (await unfitnessOf(path)) ?? new UnfitFile(path, 'is not a file');
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Undefined where a regular file is there. Rejects with the error of the disk, also where nothing is there. */
export async function unfitnessOf(path: string): Promise<UnfitFile | undefined> {
  const stat = await lstat(path);
  if (stat.isFile()) return undefined;
  if (stat.isSymbolicLink()) return new UnfitFile(path, 'is a link, not a file');
  if (stat.isDirectory()) return new UnfitFile(path, 'is a folder, not a file');
  return new UnfitFile(path, `is a ${stat.isFIFO() ? 'pipe' : stat.isSocket() ? 'socket' : 'device'}, not a file`);
}

export async function readPlain(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await openPlain(path);
  const { size } = await file.stat();
  if (size > maxBytes) throw tooLong(path, size, maxBytes);
  const bytes = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

export async function readPlainText(path: string, maxBytes: number): Promise<string> {
  return (await readPlain(path, maxBytes)).toString('utf8');
}

/** Undefined also where nothing is there or it cannot be read: for what can be done without. */
export async function readIfFit(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    return await readPlainText(path, maxBytes);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Memory is that of one line, however long the file is. Rejects before the first line where the file is longer than it may be. */
export async function* plainLines(
  path: string,
  { maxBytes, maxLineBytes }: { maxBytes: number; maxLineBytes: number },
): AsyncGenerator<Line> {
  await using file = await openPlain(path);
  const { size } = await file.stat();
  if (size > maxBytes) throw tooLong(path, size, maxBytes);
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let held: Buffer[] = [];
  let heldBytes = 0;
  const line = (): string | undefined => (heldBytes > maxLineBytes ? undefined : Buffer.concat(held).toString('utf8'));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(block, 0, Math.min(BLOCK_BYTES, size - at), at);
    if (bytesRead === 0) break;
    for (let from = 0; from < bytesRead; ) {
      const newline = block.subarray(0, bytesRead).indexOf(NEWLINE, from);
      const to = newline === -1 ? bytesRead : newline;
      heldBytes += to - from;
      if (heldBytes > maxLineBytes) held = [];
      else held.push(Buffer.from(block.subarray(from, to)));
      from = to + 1;
      if (newline === -1) continue;
      yield { text: line(), endsAt: at + from, isWhole: true };
      held = [];
      heldBytes = 0;
    }
    at += bytesRead;
  }
  if (heldBytes > 0) yield { text: line(), endsAt: size, isWhole: false };
}

/** Makes it where it is missing. Not durable. */
export async function appendPlain(path: string, text: string): Promise<void> {
  await using file = await openPlain(path, 'append');
  await file.writeFile(text);
}

/** The block, or as much of it as there is; more than may be asked for at once is refused. */
export async function readBlock(
  file: FileHandle,
  { at, bytes, maxBytes }: { at: number; bytes: number; maxBytes: number },
): Promise<Buffer> {
  if (bytes > maxBytes) throw new UnfitFile('a part of it', `is ${bytes} bytes long; ours have ${maxBytes} at most`);
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}

function tooLong(path: string, bytes: number, maxBytes: number): UnfitFile {
  return new UnfitFile(path, `is ${bytes} bytes long; ours have ${maxBytes} at most`);
}
