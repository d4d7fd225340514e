/** detections.json: the boxes of a clip, from memory while it grows, from the lines in its folder afterwards. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { parseJson } from '../../lib/bounded-json.ts';
import { codeOf } from '../../lib/errors.ts';
import { type Line, plainLines } from '../../lib/plain-file.ts';
import { DETECTIONS_NAME } from '../../media/clip-files.ts';
import { MAX_DETECTIONS_BYTES, MAX_LINE_BYTES } from '../../media/file-bounds.ts';
import type { FoundEvent } from '../../messages/event.ts';
import { realPathOf } from '../files.ts';
import { HttpError } from '../problem.ts';

const BOUNDS = { maxBytes: MAX_DETECTIONS_BYTES, maxLineBytes: MAX_LINE_BYTES };

export async function sendDetections(res: Response, { clip, folder, isOpen }: FoundEvent): Promise<void> {
  res.set('Cache-Control', isOpen ? 'no-store' : 'private, no-cache');
  if (isOpen) {
    res.json(clip?.tracks() ?? []);
    return;
  }
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  const path = await detectionsPath(folder);
  const chunks = path === undefined ? ['[]'] : await begun(asArray(plainLines(path, BOUNDS)));
  await pipeline(Readable.from(chunks), res).catch((error: unknown) => {
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** Undefined where no line was ever written, for example by a recorder that was killed. */
async function detectionsPath(folder: string): Promise<string | undefined> {
  try {
    return await realPathOf(folder, DETECTIONS_NAME);
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/** With its first chunk: what keeps it from beginning is an answer of its own, and no torn one. */
async function begun(chunks: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await chunks.next();
  return (async function* all() {
    if (first.done !== true) yield first.value;
    yield* chunks;
  })();
}

/** The lines as one array; a line that a crash tore, or that is none of ours, is left out. */
async function* asArray(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  let separator = '[';
  for await (const { text } of lines) {
    if (text === undefined || parseJson(text) === undefined) continue;
    yield separator + text;
    separator = ',\n';
  }
  yield separator === '[' ? '[]' : ']';
}
