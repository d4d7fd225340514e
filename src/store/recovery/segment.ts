/**
 * A segment file → how much of it can be played. Boxes are walked against the size of the file; only headers and `moof` are
 * read. A fragment counts when both its `moof` and its `mdat` are whole, so a torn file keeps every fragment before the tear.
 */
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { openPlain, readBlock, UnfitFile } from '../../lib/plain-file.ts';
import { type BoxHeader, MAX_HEADER_BYTES, Mp4Error, readHeader } from '../../media/fmp4/boxes.ts';
import type { ByteSource } from '../../media/fmp4/byte-source.ts';
import { MAX_FILE_BYTES, MAX_PART_BYTES } from '../../media/file-bounds.ts';
import { type FragmentTiming, type InitTiming, readFragment } from '../../media/fmp4/timing.ts';

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
  await using file = await openPlain(path);
  const { size } = await file.stat();
  const read: ByteSource['read'] = async (at, bytes) => await readBlock(file, { at, bytes, maxBytes: MAX_PART_BYTES });
  return await work({ totalBytes: size, read });
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
  if (box.bytes > MAX_PART_BYTES) return undefined;
  try {
    const at = box.at + box.headerBytes;
    const payload = await source.read(at, box.bytes - box.headerBytes);
    return readFragment({ at, payload }, init) ?? 'other track';
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}

/** SHA-256 of a file, in hex, without holding it in memory. */
export async function hashFile(path: string): Promise<string> {
  await using file = await openPlain(path);
  const { size } = await file.stat();
  if (size > MAX_FILE_BYTES) throw new UnfitFile(path, `is ${size} bytes long; ours have ${MAX_FILE_BYTES} at most`);
  const hash = createHash('sha256');
  // Bounded, for a file may grow while it is read.
  await pipeline(file.createReadStream({ autoClose: false, end: Math.max(0, size - 1) }), hash);
  return hash.digest('hex');
}
