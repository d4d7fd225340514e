/**
 * A segment file → how much of it can be played. Boxes are walked against the size of the file; only headers and `moof` are
 * read. A fragment counts when both its `moof` and its `mdat` are whole, so a torn file keeps every fragment before the tear.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type BoxHeader, MAX_HEADER_BYTES, Mp4Error, readHeader } from '../../media/fmp4/boxes.ts';
import type { ByteSource } from '../../media/fmp4/byte-source.ts';
import { type FragmentTiming, type InitTiming, readFragment } from '../../media/fmp4/timing.ts';

/** A `moof` larger than this is not one of ours: 16 MB describe about a million samples. */
const MAX_MOOF_BYTES = 16_777_216;

export interface Segment {
  readonly fileBytes: number;
  /** end of the last whole fragment; less than `fileBytes` where the file is torn, 0 where nothing can be played */
  readonly wholeBytes: number;
  readonly startMs: number;
  readonly durationMs: number;
}

export async function readSegment(path: string, init: InitTiming): Promise<Segment> {
  return await readingFrom(path, async (source) => await segmentOf(source, init));
}

/** Opens a file for as long as somebody reads from it. */
export async function readingFrom<T>(path: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await work({ totalBytes: size, read: async (at, bytes) => await readAt(file, at, bytes) });
  } finally {
    await file.close();
  }
}

export async function segmentOf(source: ByteSource, init: InitTiming): Promise<Segment> {
  const { wholeBytes, fragments } = await walk(source, init);
  const toMs = (ticks: number): number => (ticks * 1000) / init.ticksPerSecond;
  return {
    fileBytes: source.totalBytes,
    wholeBytes,
    startMs: toMs(fragments[0]?.startTicks ?? 0),
    durationMs: toMs(fragments.reduce((sum, { durationTicks }) => sum + durationTicks, 0)),
  };
}

async function walk(source: ByteSource, init: InitTiming): Promise<{ wholeBytes: number; fragments: FragmentTiming[] }> {
  const { totalBytes: fileBytes } = source;
  const fragments: FragmentTiming[] = [];
  let wholeBytes = 0;
  let moof: FragmentTiming | 'other track' | undefined;
  let at = 0;
  while (at < fileBytes) {
    const box = readHeader(await source.read(at, Math.min(MAX_HEADER_BYTES, fileBytes - at)));
    if (!box || at + box.bytes > fileBytes) return { wholeBytes, fragments };
    if (box.type === 'moof') {
      const timing = await readMoof(source, { ...box, at }, init);
      if (timing === undefined) return { wholeBytes, fragments };
      moof = timing;
    }
    at += box.bytes;
    if (box.type === 'mdat' && moof !== undefined) {
      if (moof !== 'other track') fragments.push(moof);
      moof = undefined;
      wholeBytes = at;
    }
  }
  // What follows the last fragment (mfra, free) is whole, too; a moof without its mdat is not.
  return { wholeBytes: moof === undefined && wholeBytes > 0 ? fileBytes : wholeBytes, fragments };
}

async function readMoof(
  source: ByteSource,
  box: BoxHeader & { at: number },
  init: InitTiming,
): Promise<FragmentTiming | 'other track' | undefined> {
  if (box.bytes > MAX_MOOF_BYTES) return undefined;
  try {
    const at = box.at + box.headerBytes;
    const payload = await source.read(at, box.bytes - box.headerBytes);
    return readFragment({ at, payload }, init) ?? 'other track';
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

/** SHA-256 of a file, in hex, without holding it in memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
