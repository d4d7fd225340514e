/** A segment → where its samples stand. Only box headers and `moof` are read. */
import { MAX_HEADER_BYTES, Mp4Error, readHeader } from './boxes.ts';
import type { ByteSource } from './byte-source.ts';
import type { IndexedSegment } from './virtual-mp4.ts';
import { readRuns } from './runs.ts';
import type { InitTrack } from './tracks.ts';

/** A `moof` larger than this is not one of ours (16 MB describe about a million samples), and is refused for being cut here. */
const MAX_MOOF_BYTES = 16_777_216;

/** Throws an Mp4Error where the segment is not whole. */
export async function indexOf(source: ByteSource, name: string, tracks: readonly InitTrack[]): Promise<IndexedSegment> {
  const { totalBytes } = source;
  const runs: IndexedSegment['runs'][number][] = [];
  const media: IndexedSegment['media'][number][] = [];
  for (let at = 0; at < totalBytes; ) {
    const header = readHeader(await source.read(at, Math.min(MAX_HEADER_BYTES, totalBytes - at)));
    if (!header || at + header.bytes > totalBytes) throw new Mp4Error(`${name} is torn at byte ${at}`);
    const payload = { at: at + header.headerBytes, bytes: header.bytes - header.headerBytes };
    if (header.type === 'mdat') media.push(payload);
    if (header.type === 'moof') {
      const moof = await source.read(payload.at, Math.min(payload.bytes, MAX_MOOF_BYTES));
      runs.push(...readRuns({ at: payload.at, startsAt: at, payload: moof }, tracks));
    }
    at += header.bytes;
  }
  return { name, runs, media };
}
