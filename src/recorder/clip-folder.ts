/**
 * The files of one clip, on disk. A segment is listed only after its boxes were walked against its size and it was fsynced;
 * order of durability: segment → folder → playlist. What a player is given is exactly what is durable.
 */
import { createHash } from 'node:crypto';
import { access, constants, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../lib/durable.ts';
import { codeOf, messageOf, RetryableError } from '../lib/errors.ts';
import { isVideo, PLAYLIST_NAME } from '../media/clip-files.ts';
import { checkInit, countFrames } from '../media/fmp4/whole.ts';
import { isBeyondTarget, parsePlaylist, targetSecondsOf } from '../media/hls-playlist.ts';
import type { ClipFile } from '../messages/clip.ts';
import { playlistOf, type Segment } from './playlist.ts';

/** An encoder writes a file under this name first. */
const DRAFT = /\.tmp$/;

interface ListedSegment extends Segment {
  readonly startMs: number;
}

/** A file of which somebody else has written every byte. */
export interface NewSegment {
  readonly name: string;
  readonly initName: string;
  readonly fps: number;
  /** wall time of its first frame */
  readonly atMs: number;
}

type WrittenFile = Pick<ClipFile, 'name' | 'bytes' | 'sha256'>;

/** One that we wrote and made durable ourselves; its hash was computed as the bytes passed. */
export interface WrittenSegment extends WrittenFile {
  readonly init: WrittenFile;
  readonly atMs: number;
  readonly durationMs: number;
}

export class ClipFolder {
  readonly path: string;
  readonly #header: readonly string[];
  readonly #segments: ListedSegment[] = [];
  readonly #files = new Map<string, ClipFile>();
  #playlist: string | undefined;

  /** `header`: the first lines of its playlist */
  constructor(path: string, header: readonly string[]) {
    this.path = path;
    this.#header = header;
  }

  get playlist(): string | undefined {
    return this.#playlist;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  get durationMs(): number {
    const last = this.#segments.at(-1);
    return last ? last.startMs + last.durationMs : 0;
  }

  get files(): readonly ClipFile[] {
    return [...this.#files.values()];
  }

  /** init files and segments, without pictures and the like */
  get videoBytes(): number {
    return this.files.filter(({ name }) => isVideo(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects where the folder is gone or nothing can be written into it. */
  async check(): Promise<void> {
    await access(this.path, constants.W_OK | constants.X_OK);
  }

  /** Checks a closed segment and lists it. Returns its frames. A RetryableError means that the segment itself is broken. */
  async list({ name, initName, fps, atMs }: NewSegment): Promise<number> {
    const init = this.#files.get(initName) ?? (await this.#take(initName, checkInit));
    let frames = 0;
    const file = await this.#take(name, (bytes) => {
      frames = countFrames(bytes);
    });
    await this.#append({ ...file, init, atMs, durationMs: (frames * 1000) / fps });
    return frames;
  }

  /** Lists a segment of our own, once its size on the disk was found right. */
  async listWritten(segment: WrittenSegment): Promise<void> {
    const { size } = await stat(join(this.path, segment.name));
    if (size !== segment.bytes) throw new Error(`Expected ${segment.bytes} bytes in ${segment.name} but it has ${size}`);
    await this.#append(segment);
  }

  /** A file beside the video that is complete: pictures, detections. */
  async add(name: string): Promise<void> {
    this.#files.set(name, { ...(await this.#take(name, () => undefined)), startMs: 0, durationMs: 0 });
  }

  /** Removes what no playlist lists, writes ENDLIST, reads it all back. Throws an Error that says what does not agree. */
  async close(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (isVideo(name.replace(DRAFT, '')) && !this.#files.has(name)) await rm(join(this.path, name), { force: true });
    }
    if (this.#segments.length === 0) return;
    const text = playlistOf(this.#segments, { header: this.#header, hasEnded: true });
    await writeDurably(join(this.path, PLAYLIST_NAME), text);
    this.#playlist = text;
    await this.#verify();
    await this.add(PLAYLIST_NAME);
  }

  async #verify(): Promise<void> {
    const { header, segments, hasEnded } = parsePlaylist(await readFile(join(this.path, PLAYLIST_NAME), 'utf8'));
    if (!hasEnded) throw new Error('Expected the playlist to end with EXT-X-ENDLIST');
    const target = targetSecondsOf(header);
    const tooLong = segments.find((segment) => isBeyondTarget(segment, target));
    if (tooLong) throw new Error(`Expected ${target} s at most for ${tooLong.name} but it lasts ${tooLong.durationMs} ms`);
    const durationMs = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
    const isAsLong = Math.abs(durationMs - this.durationMs) <= 1;
    if (!isAsLong) throw new Error(`Expected ${this.durationMs} ms in the playlist but it lists ${durationMs} ms`);
    const names = segments.flatMap(({ initName, name }) => [initName, name]).filter((name) => name !== undefined);
    for (const name of new Set(names)) {
      const expected = this.#files.get(name)?.bytes;
      const { size } = await stat(join(this.path, name));
      if (size !== expected) throw new Error(`Expected ${expected} bytes in ${name} but it has ${size}`);
    }
  }

  async #append({ name, bytes, sha256, init, atMs, durationMs }: WrittenSegment): Promise<void> {
    const startMs = this.durationMs;
    await syncFolder(this.path);
    const segment = { name, initName: init.name, durationMs, atMs, startMs };
    const text = playlistOf([...this.#segments, segment], { header: this.#header, hasEnded: false });
    await writeDurably(join(this.path, PLAYLIST_NAME), text);
    if (!this.#files.has(init.name)) this.#files.set(init.name, { ...init, startMs, durationMs: 0 });
    this.#files.set(name, { name, bytes, sha256, startMs, durationMs });
    this.#segments.push(segment);
    this.#playlist = text;
  }

  /** Reads, checks and fsyncs a file that somebody else wrote. */
  async #take(name: string, check: (bytes: Buffer) => void): Promise<WrittenFile> {
    const file = await open(join(this.path, name), 'r');
    try {
      const bytes = await file.readFile();
      try {
        check(bytes);
      } catch (cause) {
        throw new RetryableError(`${name} is broken: ${messageOf(cause)}`, { cause });
      }
      await file.sync();
      return { name, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
    } finally {
      await file.close();
    }
  }
}

/** What keeps a clip from being stored, in one sentence. */
export function diskFault(error: unknown, folder: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `the event folder ${folder} or a file in it is gone`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full: ${folder} cannot be written`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `the event folder ${folder} is not writable`;
    default:
      return messageOf(error);
  }
}
