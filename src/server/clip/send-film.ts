/**
 * A film → an answer with a right Content-Length, ranges (seeking, continued downloads), HEAD and conditional requests. Bytes
 * come straight from the segments, one file at a time, at the viewer's pace.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { codeOf } from '../../lib/errors.ts';
import type { VirtualFile } from '../../media/fmp4/virtual-mp4.ts';
import { type ByteRange, filmBytes } from './film-bytes.ts';
import { HttpError } from '../problem.ts';

type SentFile = VirtualFile & { readonly etag: string };

export interface SendFilmOptions {
  readonly film: SentFile;
  readonly folder: string;
  /** a name to be kept under; without it none is suggested */
  readonly fileName?: string;
  readonly cacheControl: string;
}

/** A viewer who goes away in the middle is no failure. */
const VIEWER_GONE = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE']);

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
  await pipeline(Readable.from(filmBytes(film, folder, { start, end })), res).catch((error: unknown) => {
    if (!VIEWER_GONE.has(codeOf(error) ?? '')) throw error;
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
