/** detections.json: the boxes of a clip, from memory while it grows, from the lines in its folder afterwards. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { codeOf } from '../../lib/errors.ts';
import { DETECTIONS_NAME } from '../../media/clip-files.ts';
import type { FoundEvent } from '../../messages/event.ts';
import { realPathOf } from '../files.ts';
import { HttpError } from '../problem.ts';

export async function sendDetections(res: Response, { clip, folder, isOpen }: FoundEvent): Promise<void> {
  res.set('Cache-Control', isOpen ? 'no-store' : 'private, no-cache');
  if (isOpen) {
    res.json(clip?.tracks() ?? []);
    return;
  }
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  const path = await detectionsPath(folder);
  await pipeline(Readable.from(path === undefined ? ['[]'] : asArray(path)), res).catch((error: unknown) => {
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

/** The lines as one array; a line that a crash tore is left out. */
async function* asArray(path: string): AsyncGenerator<string> {
  let separator = '[';
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!isJson(line)) continue;
    yield separator + line;
    separator = ',\n';
  }
  yield separator === '[' ? '[]' : ']';
}

function isJson(line: string): boolean {
  try {
    return JSON.parse(line) !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
