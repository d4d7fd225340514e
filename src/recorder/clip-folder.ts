/**
 * The files of one clip, on disk. A segment is listed only after its boxes were walked against its size and it was fsynced;
 * order of durability: segment → folder → playlist. What a player is given is exactly what is durable.
 */
import { createHash } from 'node:crypto';
import { access, constants, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../lib/durable.ts';
import { codeOf, messageOf, RetryableError } from '../lib/errors.ts';
import { checkInit, countFrames } from '../lib/fmp4/whole.ts';
import { parsePlaylist } from '../lib/hls-playlist.ts';
import type { ClipFile } from '../messages.ts';
import { playlistOf, type Segment } from './playlist.ts';

const PLAYLIST_NAME = 'index.m3u8';
const VIDEO_FILE = /^(\d+\.m4s|init(-\d+)?\.mp4)(\.tmp)?$/;

interface ListedSegment extends Segment {
  readonly startMs: number;
}

export interface NewSegment {
  readonly name: string;
  readonly initName: string;
  /** wall time of its first frame */
  readonly atMs: number;
}

export class ClipFolder {
  readonly path: string;
  readonly #fps: number;
  readonly #segments: ListedSegment[] = [];
  readonly #files = new Map<string, ClipFile>();
  #playlist: string | undefined;

  constructor(path: string, fps: number) {
    this.path = path;
    this.#fps = fps;
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
    return this.files.filter(({ name }) => VIDEO_FILE.test(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects where the folder is gone or nothing can be written into it. */
  async check(): Promise<void> {
    await access(this.path, constants.W_OK | constants.X_OK);
  }

  /** Checks a closed segment and lists it. Returns its frames. A RetryableError means that the segment itself is broken. */
  async list({ name, initName, atMs }: NewSegment): Promise<number> {
    const startMs = this.durationMs;
    const isNewInit = !this.#files.has(initName);
    const init = isNewInit ? await this.#take(initName, checkInit) : undefined;
    let frames = 0;
    const file = await this.#take(name, (bytes) => {
      frames = countFrames(bytes);
    });
    const durationMs = (frames * 1000) / this.#fps;
    await syncFolder(this.path);
    const segment = { name, initName, durationMs, atMs, startMs };
    const text = playlistOf([...this.#segments, segment], { hasEnded: false });
    await writeDurably(join(this.path, PLAYLIST_NAME), text);
    if (init) this.#files.set(initName, { ...init, startMs, durationMs: 0 });
    this.#files.set(name, { ...file, startMs, durationMs });
    this.#segments.push(segment);
    this.#playlist = text;
    return frames;
  }

  /** A file beside the video that is complete: pictures, detections. */
  async add(name: string): Promise<void> {
    this.#files.set(name, { ...(await this.#take(name, () => undefined)), startMs: 0, durationMs: 0 });
  }

  /** Removes what no playlist lists, writes ENDLIST, reads it all back. Throws an Error that says what does not agree. */
  async close(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (VIDEO_FILE.test(name) && !this.#files.has(name)) await rm(join(this.path, name), { force: true });
    }
    if (this.#segments.length === 0) return;
    const text = playlistOf(this.#segments, { hasEnded: true });
    await writeDurably(join(this.path, PLAYLIST_NAME), text);
    this.#playlist = text;
    await this.#verify();
    await this.add(PLAYLIST_NAME);
  }

  async #verify(): Promise<void> {
    const { segments, hasEnded } = parsePlaylist(await readFile(join(this.path, PLAYLIST_NAME), 'utf8'));
    if (!hasEnded) throw new Error('Expected the playlist to end with EXT-X-ENDLIST');
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

  /** Reads, checks and fsyncs a file that somebody else wrote. */
  async #take(name: string, check: (bytes: Buffer) => void): Promise<Pick<ClipFile, 'name' | 'bytes' | 'sha256'>> {
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
