/**
 * The detector's own process: frames on stdin → candidates on fd 3. `session.run` blocks the thread that calls it, and a model
 * may hang or crash: here it can, without harm to the recorder. Ends with its stdin.
 */
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { messageOf, UserError } from '../lib/errors.ts';
import { Model } from './model.ts';
import { answerBytes, type HostOptions, helloBytes, readRequestHeader, REQUEST_HEADER_BYTES } from './wire.ts';

const ANSWER_FD = 3;

/** Fills buffers of any size from a stream of pieces. */
class ByteReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#pieces = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** False when the stream ended before the buffer was full. */
  async fill(buffer: Buffer): Promise<boolean> {
    for (let filled = 0; filled < buffer.length; ) {
      if (this.#piece.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done === true) return false;
        this.#piece = value;
      }
      const copied = this.#piece.copy(buffer, filled);
      this.#piece = this.#piece.subarray(copied);
      filled += copied;
    }
    return true;
  }
}

async function serve(model: Model, answers: Socket): Promise<void> {
  const reader = new ByteReader(process.stdin);
  const header = Buffer.alloc(REQUEST_HEADER_BYTES);
  let frame = Buffer.alloc(0);
  while (await reader.fill(header)) {
    const { id, ...size } = readRequestHeader(header);
    const bytes = size.widthPx * size.heightPx * 3;
    if (frame.length !== bytes) frame = Buffer.allocUnsafeSlow(bytes);
    if (!(await reader.fill(frame))) return;
    const startedMs = performance.now();
    const candidates = await model.run(frame, size);
    answers.write(answerBytes({ id, inferMs: performance.now() - startedMs, candidates }));
  }
}

async function main(optionsJson: string): Promise<void> {
  const answers = new Socket({ fd: ANSWER_FD, readable: false, writable: true });
  // The parent is gone: so is the reason to live.
  answers.on('error', () => process.exit(0));
  try {
    const model = await Model.open(JSON.parse(optionsJson) as HostOptions);
    answers.write(helloBytes({ type: 'ready', model: model.info }));
    await serve(model, answers);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    answers.write(helloBytes({ type: 'refused', message: messageOf(error), hint: error.hint }));
  }
  answers.end(() => process.exit(0));
}

await main(process.argv[2] ?? '{}');
