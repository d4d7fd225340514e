/**
 * A film → an answer with a right Content-Length, ranges (seeking, continued downloads), HEAD and conditional requests. Bytes
 * come straight from the segments, one file at a time, at the viewer's pace.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { codeOf } from '../lib/errors.ts';
import type { VirtualFile } from '../lib/fmp4/film.ts';
import { realPathOf } from './files.ts';
import { HttpError } from './problem.ts';

type SentFile = VirtualFile & { readonly etag: string };

export interface SendFilmOptions {
  readonly film: SentFile;
  readonly folder: string;
  /** a name to be kept under; without it none is suggested */
  readonly fileName?: string;
  readonly cacheControl: string;
}

/** Both ends are in it. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export async function sendFilm(req: Request, res: Response, { film, folder, fileName, cacheControl }: SendFilmOptions) {
  const { totalBytes, etag } = film;
  const disposition = req.query['download'] === undefined ? 'inline' : 'attachment';
  res.set({
    'Accept-Ranges': 'bytes',
    'Cache-Control': cacheControl,
    ...(fileName !== undefined && { 'Content-Disposition': `${disposition}; filename="${fileName}"` }),
    'Content-Type': 'video/mp4',
    ETag: etag,
  });
  if (req.fresh) {
    res.status(304).removeHeader('Content-Type');
    res.end();
    return;
  }
  const part = partOf(req, film);
  const { start, end } = part ?? { start: 0, end: totalBytes - 1 };
  if (part) res.status(206).set('Content-Range', `bytes ${start}-${end}/${totalBytes}`);
  res.set('Content-Length', String(end - start + 1));
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  await pipeline(Readable.from(bytesOf(film, folder, { start, end })), res).catch((error: unknown) => {
    // A viewer who goes away in the middle is no failure.
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE' && !res.destroyed) throw error;
  });
}

/** Undefined for the whole: nothing, several ranges or something else asked for, or a range of what the film was before. */
function partOf(req: Request, { totalBytes, etag }: SentFile): ByteRange | undefined {
  const ifRange = req.get('if-range');
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const ranges = req.range(totalBytes, { combine: true });
  if (ranges === -1) throw new HttpError(416, 'This clip has no such bytes', { 'Content-Range': `bytes */${totalBytes}` });
  const isOne = Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1;
  return isOne ? ranges[0] : undefined;
}

async function* bytesOf({ head, pieces }: SentFile, folder: string, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  if (start < head.length) yield head.subarray(start, Math.min(head.length, end + 1));
  let from = head.length;
  for (const { name, at, bytes } of pieces) {
    const first = Math.max(start, from) - from;
    const last = Math.min(end + 1, from + bytes) - from - 1;
    from += bytes;
    if (first > last) continue;
    const path = await realPathOf(folder, name);
    let left = last - first + 1;
    for await (const chunk of createReadStream(path, { start: at + first, end: at + last }) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) throw new Error(`Expected ${bytes} bytes of ${name} but it became shorter`);
  }
}
