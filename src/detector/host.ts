/**
 * The detector's own process: questions on stdin, frames on the shelf → candidates on fd 3. `session.run` blocks the thread that calls it, and a model
 * may hang or crash: here it can, without harm to the recorder. Ends with its stdin.
 *
 * Nothing else runs here, so reading blocks too: straight into the frame, without streams (a tenth of the time of an inference).
 */
import { readSync, writeSync } from 'node:fs';
import { codeOf, UserError } from '../lib/errors.ts';
import { Model } from './model.ts';
import {
  answerBytes,
  type HostArguments,
  LOOK_FOR,
  readIndices,
  readRequestHeader,
  readyBytes,
  refusalBytes,
  REQUEST_HEADER_BYTES,
} from './wire.ts';
import { takeFrame } from './frame-shelf.ts';

const FRAMES_FD = 0;
const ANSWERS_FD = 3;
const SHELF_FD = 4;

/** Reads until the buffer is full; false when the other side closed before. */
function fill(buffer: Uint8Array): boolean {
  for (let filled = 0; filled < buffer.length; ) {
    const bytes = readSync(FRAMES_FD, buffer, filled, buffer.length - filled, null);
    if (bytes === 0) return false;
    filled += bytes;
  }
  return true;
}

function answer(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(ANSWERS_FD, bytes, written);
}

async function serve(model: Model, { hasShelf }: HostArguments): Promise<void> {
  const header = Buffer.alloc(REQUEST_HEADER_BYTES);
  let frame = Buffer.alloc(0);
  while (fill(header)) {
    const { id, ...size } = readRequestHeader(header);
    if (id === LOOK_FOR) {
      const indices = Buffer.alloc(4 * size.widthPx);
      if (!fill(indices)) return;
      model.lookFor(readIndices(indices));
      continue;
    }
    const bytes = size.widthPx * size.heightPx * 3;
    if (frame.length !== bytes) frame = Buffer.allocUnsafeSlow(bytes);
    if (!(hasShelf ? takeFrame(SHELF_FD, id, frame) : fill(frame))) return;
    const startedMs = performance.now();
    const candidates = await model.run(frame, size);
    const inferMs = performance.now() - startedMs;
    const { flaw } = model;
    answer(answerBytes({ id, inferMs, candidates, ...(flaw === undefined ? {} : { flaw }) }));
  }
}

try {
  const options = JSON.parse(process.argv[2] ?? '{}') as HostArguments;
  const model = await Model.open(options);
  answer(readyBytes(model.info, options.modelPath));
  await serve(model, options);
} catch (error) {
  if (error instanceof UserError) answer(refusalBytes(error.message, error.hint));
  // The owner is gone, and with it the reason to live.
  else if (codeOf(error) !== 'EPIPE') throw error;
}
process.exit(0);
