/** A segment file → where its samples stand, read through a window: a fragment per picture costs a few reads and no more memory. */
import type { FileHandle } from 'node:fs/promises';
import { openPlain, readBlock } from '../../lib/plain-file.ts';
import { MAX_PART_BYTES } from '../../media/file-bounds.ts';
import type { ByteSource } from '../../media/fmp4/byte-source.ts';
import type { IndexedSegment } from '../../media/fmp4/virtual-mp4.ts';
import { indexOf } from '../../media/fmp4/segment-index.ts';
import type { InitTrack } from '../../media/fmp4/tracks.ts';

const WINDOW_BYTES = 65_536;

/** Throws an Mp4Error where the file is not whole. */
export async function indexSegment(path: string, name: string, tracks: readonly InitTrack[]): Promise<IndexedSegment> {
  await using file = await openPlain(path);
  const { size } = await file.stat();
  return await indexOf(new FileWindow(file, size), name, tracks);
}

/** The part of a file that was read last. */
class FileWindow implements ByteSource {
  readonly totalBytes: number;
  readonly #file: FileHandle;
  #at = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, totalBytes: number) {
    this.#file = file;
    this.totalBytes = totalBytes;
  }

  async read(at: number, bytes: number): Promise<Buffer> {
    if (at < this.#at || at + bytes > this.#at + this.#bytes.length) {
      this.#bytes = await readBlock(this.#file, { at, bytes: Math.max(bytes, WINDOW_BYTES), maxBytes: MAX_PART_BYTES });
      this.#at = at;
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + bytes);
  }
}
