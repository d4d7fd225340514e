/**
 * A segment that grows: fragments are appended as they come and made durable at least every half second of writing, its hash is
 * computed as the bytes pass. What a crash leaves is whole up to the last fragment.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import type { ClipFile } from '../messages/clip.ts';

const SYNC_MS = 500;

export class SegmentFile implements AsyncDisposable {
  readonly name: string;
  readonly #file: FileHandle;
  readonly #clock: Clock;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #syncedNowMs: number;

  /** Rejects where a file of this name is there already: nothing recorded is ever overwritten. */
  static async create(folder: string, name: string, clock: Clock): Promise<SegmentFile> {
    return new SegmentFile(name, await open(join(folder, name), 'wx'), clock);
  }

  private constructor(name: string, file: FileHandle, clock: Clock) {
    this.name = name;
    this.#file = file;
    this.#clock = clock;
    this.#syncedNowMs = clock.nowMs();
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const { bytesWritten } = await this.#file.writev([...parts]);
    // A disk that fills up takes a part first; asking again is how the reason is told.
    if (bytesWritten < bytes) await this.#file.writeFile(Buffer.concat(parts).subarray(bytesWritten));
    for (const part of parts) this.#hash.update(part);
    this.#bytes += bytes;
    if (this.#clock.nowMs() - this.#syncedNowMs < SYNC_MS) return;
    await this.#file.datasync();
    this.#syncedNowMs = this.#clock.nowMs();
  }

  /** Makes it durable and closes it. */
  async finish(): Promise<Pick<ClipFile, 'name' | 'bytes' | 'sha256'>> {
    await this.#file.sync();
    await this.#file.close();
    return { name: this.name, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
