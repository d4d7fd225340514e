/**
 * The bytes of a virtual file: its head, then pieces of the files in a folder. One file is open at a time, and read in blocks out
 * of which the pieces are cut: those of a segment with a fragment per picture are many, small and close together.
 */
import type { FileHandle } from 'node:fs/promises';
import { openPlain } from '../../lib/plain-file.ts';
import type { Piece, VirtualFile } from '../../media/fmp4/virtual-mp4.ts';
import { realPathOf } from '../files.ts';

/** Both ends are in it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const BLOCK_BYTES = 262_144;

/** Rejects where a file is gone or became shorter. */
export async function* filmBytes({ head, pieces }: VirtualFile, folder: string, range: ByteRange): AsyncGenerator<Buffer> {
  if (range.start < head.length) yield head.subarray(range.start, Math.min(head.length, range.end + 1));
  for (const ofOneFile of byFile(cut(pieces, head.length, range))) {
    const name = ofOneFile[0]?.name ?? '';
    const file = await openPlain(await realPathOf(folder, name));
    try {
      yield* blocksOf(file, ofOneFile);
    } finally {
      await file.close();
    }
  }
}

/** What of the pieces lies in the range; the first one begins at `headBytes`. */
function cut(pieces: readonly Piece[], headBytes: number, { start, end }: ByteRange): Piece[] {
  const kept: Piece[] = [];
  let from = headBytes;
  for (const { name, at, bytes } of pieces) {
    const first = Math.max(start - from, 0);
    const behind = Math.min(end + 1 - from, bytes);
    if (first < behind) kept.push({ name, at: at + first, bytes: behind - first });
    from += bytes;
  }
  return kept;
}

function byFile(pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last && last[0]?.name === piece.name) last.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

/** The pieces, which follow each other in the file, a block at a time. */
async function* blocksOf(file: FileHandle, pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  const last = pieces.at(-1);
  const endsAt = last ? last.at + last.bytes : 0;
  let at = pieces[0]?.at ?? 0;
  let next = 0;
  while (at < endsAt) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, endsAt - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) throw new Error(`Expected ${last?.name} to reach to byte ${endsAt} but it ends at ${at}`);
    const blockEnd = at + bytesRead;
    const slices: Buffer[] = [];
    for (let piece = pieces[next]; piece && piece.at < blockEnd; piece = pieces[next]) {
      slices.push(block.subarray(Math.max(0, piece.at - at), Math.min(bytesRead, piece.at + piece.bytes - at)));
      if (piece.at + piece.bytes > blockEnd) break;
      next += 1;
    }
    if (slices.length > 0) yield Buffer.concat(slices);
    at = Math.max(blockEnd, pieces[next]?.at ?? blockEnd);
  }
}
