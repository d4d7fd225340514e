/**
 * Where frames lie on their way to the host process: a file in memory that has no name, of which both hold a descriptor. One write
 * and one read move half a megabyte; through a pipe it goes in pieces, each of which wakes the other side (0.9 ms a frame, measured).
 * Undefined where there is no such place: then frames follow their question on the pipe.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../lib/errors.ts';

const MEMORY = '/dev/shm';
/** As many questions may be open at a time. */
export const SHELF_PLACES = 4;
/** A frame of 4096 × 4096 fits. Only what was written takes memory. */
const PLACE_BYTES = 64 * 2 ** 20;

export class FrameShelf {
  readonly fd: number;
  #isOpen = true;

  static open(folder = MEMORY): FrameShelf | undefined {
    const path = join(folder, `lookout-${randomUUID()}`);
    const fd = openHere(path);
    if (fd === undefined) return undefined;
    rmSync(path);
    return new FrameShelf(fd);
  }

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Throws where the machine's memory for files is full. */
  put(id: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done, bytes.length - done, placeOf(id) + done);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.fd);
    this.#isOpen = false;
  }
}

/** Undefined where the folder is not there or not for us. */
function openHere(path: string): number | undefined {
  try {
    return openSync(path, 'wx+', 0o600);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** The host's side. Fills the whole buffer; false where less was put. */
export function takeFrame(fd: number, id: number, buffer: Uint8Array): boolean {
  for (let done = 0; done < buffer.length; ) {
    const bytes = readSync(fd, buffer, done, buffer.length - done, placeOf(id) + done);
    if (bytes === 0) return false;
    done += bytes;
  }
  return true;
}

function placeOf(id: number): number {
  return (id % SHELF_PLACES) * PLACE_BYTES;
}
