/**
 * A segment file → where its samples stand. Only box headers and `moof` are read, through a window, so that a segment with a
 * fragment per picture costs a few reads and no more memory than a window.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { MAX_HEADER_BYTES, Mp4Error, readHeader } from '../media/fmp4/boxes.ts';
import type { IndexedSegment } from '../media/fmp4/virtual-mp4.ts';
import { readRuns } from '../media/fmp4/runs.ts';
import type { InitTrack } from '../media/fmp4/tracks.ts';

const WINDOW_BYTES = 65_536;
/** A `moof` larger than this is not one of ours (16 MB describe about a million samples), and is refused for being cut here. */
const MAX_MOOF_BYTES = 16_777_216;

/** Throws an Mp4Error where the file is not whole. */
export async function indexSegment(path: string, name: string, tracks: readonly InitTrack[]): Promise<IndexedSegment> {
  const file = await open(path, 'r');
  try {
    const { size: fileBytes } = await file.stat();
    const window = new FileWindow(file);
    const runs: IndexedSegment['runs'][number][] = [];
    const media: IndexedSegment['media'][number][] = [];
    for (let at = 0; at < fileBytes; ) {
      const header = readHeader(await window.read(at, Math.min(MAX_HEADER_BYTES, fileBytes - at)));
      if (!header || at + header.bytes > fileBytes) throw new Mp4Error(`${name} is torn at byte ${at}`);
      const payload = { at: at + header.headerBytes, bytes: header.bytes - header.headerBytes };
      if (header.type === 'mdat') media.push(payload);
      if (header.type === 'moof') {
        const moof = await window.read(payload.at, Math.min(payload.bytes, MAX_MOOF_BYTES));
        runs.push(...readRuns({ at: payload.at, startsAt: at, payload: moof }, tracks));
      }
      at += header.bytes;
    }
    return { name, runs, media };
  } finally {
    await file.close();
  }
}

/** The part of a file that was read last. */
class FileWindow {
  readonly #file: FileHandle;
  #at = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(at: number, bytes: number): Promise<Buffer> {
    if (at < this.#at || at + bytes > this.#at + this.#bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(bytes, WINDOW_BYTES));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      this.#at = at;
      this.#bytes = buffer.subarray(0, bytesRead);
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + bytes);
  }
}
