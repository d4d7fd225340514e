/**
 * What goes between the detector and its host process: binary, because frames are half a megabyte.
 *
 * To the host (its stdin), per frame: id, width, height (u32 LE). The frame, width × height × 3 bytes of planar G, B, R, lies on
 * the shelf (fd 4) or, where there is none, follows on stdin. Where id is 0 it is no frame but an order: the number of classes that
 * are looked for from then on stands instead of the width, and their indices (u32 LE) follow on stdin.
 * From the host (fd 3): once `hello` as u32 length + JSON; then per frame: id, count (u32), inference ms (f32), bytes of the flaw (u32),
 * count × (label, score, x, y, w, h) as f32 in pixels of the input, and the flaw: why the model cannot be believed.
 */
import type { Candidate, Fit, PixelRule, Resampling, ShapeRule, TensorInfo } from './family.ts';

export interface HostOptions {
  readonly modelPath: string;
  /** states the family instead of letting it be recognised */
  readonly family?: string | undefined;
  /** the classes that are wanted at first; none means all of them */
  readonly labels: readonly string[];
  readonly minScore: number;
  readonly threads: number;
}

/** What the process itself is told, beside what it is to do. */
export interface HostArguments extends HostOptions {
  /** frames lie on the shelf */
  readonly hasShelf: boolean;
}

export interface ModelInfo {
  readonly family: string;
  /** why the family was recognised */
  readonly reason: string;
  readonly labels: readonly string[];
  /** where the names of the classes come from */
  readonly labelsFrom: string;
  readonly shape: ShapeRule;
  readonly fit: Fit;
  /** grey level around a picture that does not fill the frame */
  readonly border: number;
  /** of photos, by the family's own code */
  readonly resampling: Resampling;
  readonly pixels: PixelRule;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly parameters: number;
}

export type Hello =
  | { readonly type: 'ready'; readonly model: ModelInfo }
  | { readonly type: 'refused'; readonly message: string; readonly hint: string };

export interface Answer {
  readonly id: number;
  readonly inferMs: number;
  readonly candidates: readonly Candidate[];
  /** why the model's answers cannot be believed, in a sentence; absent while they can */
  readonly flaw?: string;
}

/** For whoever has a model with a flaw. */
export const NONSENSE_HINT =
  'export it again with scores as probabilities 0…1 and boxes in its picture (half floats may overflow: try float32), or leave out -m to use the bundled model';

export const REQUEST_HEADER_BYTES = 12;
/** The id of an order; frames count from 1. */
export const LOOK_FOR = 0;
const ANSWER_HEADER_BYTES = 16;
const CANDIDATE_BYTES = 24;
const MAX_HELLO_BYTES = 1_000_000;
const MAX_REFUSAL_CHARS = 20_000;
const MAX_FLAW_BYTES = 10_000;
const MAX_CANDIDATES = 1_000_000;

export function requestHeader({ id, widthPx, heightPx }: { id: number; widthPx: number; heightPx: number }): Buffer {
  const header = Buffer.alloc(REQUEST_HEADER_BYTES);
  header.writeUInt32LE(id, 0);
  header.writeUInt32LE(widthPx, 4);
  header.writeUInt32LE(heightPx, 8);
  return header;
}

export function readRequestHeader(header: Buffer): { id: number; widthPx: number; heightPx: number } {
  return { id: header.readUInt32LE(0), widthPx: header.readUInt32LE(4), heightPx: header.readUInt32LE(8) };
}

/** The order to look for these classes from now on. */
export function lookForBytes(labels: readonly number[]): Buffer {
  const indices = Buffer.alloc(4 * labels.length);
  for (const [i, label] of labels.entries()) indices.writeUInt32LE(label, 4 * i);
  return Buffer.concat([requestHeader({ id: LOOK_FOR, widthPx: labels.length, heightPx: 0 }), indices]);
}

export function readIndices(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

export function helloBytes(hello: Hello): Buffer {
  const json = Buffer.from(JSON.stringify(hello));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json]);
}

/** A model that is described at more length than anybody reads is refused instead. */
export function readyBytes(model: ModelInfo, shown: string): Buffer {
  const bytes = helloBytes({ type: 'ready', model });
  if (bytes.length <= MAX_HELLO_BYTES) return bytes;
  const { labels, inputs, outputs } = model;
  return refusalBytes(
    `The model ${shown} has ${labels.length} classes, ${inputs.length} inputs and ${outputs.length} outputs, whose names fill ${(bytes.length / 1e6).toFixed(1)} MB; 1 MB is the most`,
    'export a detector of fewer classes, or give them shorter names',
  );
}

export function refusalBytes(message: string, hint: string): Buffer {
  return helloBytes({ type: 'refused', message: shortened(message), hint: shortened(hint) });
}

function shortened(text: string): string {
  return text.length > MAX_REFUSAL_CHARS ? `${text.slice(0, MAX_REFUSAL_CHARS)} …` : text;
}

export function answerBytes({ id, inferMs, candidates, flaw = '' }: Answer): Buffer {
  const words = Buffer.from(flaw).subarray(0, MAX_FLAW_BYTES);
  const bytes = Buffer.alloc(ANSWER_HEADER_BYTES + candidates.length * CANDIDATE_BYTES + words.length);
  bytes.writeUInt32LE(id, 0);
  bytes.writeUInt32LE(candidates.length, 4);
  bytes.writeFloatLE(inferMs, 8);
  bytes.writeUInt32LE(words.length, 12);
  let at = ANSWER_HEADER_BYTES;
  for (const { label, score, xPx, yPx, wPx, hPx } of candidates) {
    for (const value of [label, score, xPx, yPx, wPx, hPx]) at = bytes.writeFloatLE(value, at);
  }
  bytes.set(words, at);
  return bytes;
}

/** Bytes of fd 3 in pieces → hello, then answers. Throws for bytes that are neither; nothing more can be read then. */
export class AnswerReader {
  #rest: Buffer = Buffer.alloc(0);
  #sawHello = false;

  push(chunk: Buffer): (Hello | Answer)[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: (Hello | Answer)[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): Hello | Answer | undefined {
    return this.#sawHello ? this.#answer() : this.#hello();
  }

  #hello(): Hello | undefined {
    if (this.#rest.length < 4) return undefined;
    const length = this.#rest.readUInt32LE(0);
    if (length > MAX_HELLO_BYTES) throw new Error(`Expected a greeting of the detector host but received a length of ${length}`);
    const json = this.#take(4 + length)?.subarray(4);
    if (!json) return undefined;
    this.#sawHello = true;
    return readHello(json.toString('utf8'));
  }

  #answer(): Answer | undefined {
    if (this.#rest.length < ANSWER_HEADER_BYTES) return undefined;
    const count = this.#rest.readUInt32LE(4);
    const flawBytes = this.#rest.readUInt32LE(12);
    if (count > MAX_CANDIDATES || flawBytes > MAX_FLAW_BYTES)
      throw new Error(`Expected an answer of the detector host but received ${count} boxes and ${flawBytes} bytes of text`);
    const flawAt = ANSWER_HEADER_BYTES + count * CANDIDATE_BYTES;
    const bytes = this.#take(flawAt + flawBytes);
    if (!bytes) return undefined;
    const candidates = Array.from({ length: count }, (_, i) => readCandidate(bytes, ANSWER_HEADER_BYTES + i * CANDIDATE_BYTES));
    const flaw = flawBytes === 0 ? {} : { flaw: bytes.toString('utf8', flawAt) };
    return { id: bytes.readUInt32LE(0), inferMs: bytes.readFloatLE(8), candidates, ...flaw };
  }

  #take(length: number): Buffer | undefined {
    if (this.#rest.length < length) return undefined;
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

function readHello(json: string): Hello {
  let hello: unknown;
  try {
    hello = JSON.parse(json);
  } catch (cause) {
    throw new Error(`Expected a greeting of the detector host but received "${json.slice(0, 60)}"`, { cause });
  }
  if (isHello(hello)) return hello;
  throw new Error(`Expected a greeting of the detector host but received "${json.slice(0, 60)}"`);
}

function isHello(value: unknown): value is Hello {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'ready') return 'model' in value && typeof value.model === 'object' && value.model !== null;
  const texts = value as { message?: unknown; hint?: unknown };
  return value.type === 'refused' && typeof texts.message === 'string' && typeof texts.hint === 'string';
}

function readCandidate(bytes: Buffer, at: number): Candidate {
  const value = (i: number): number => bytes.readFloatLE(at + 4 * i);
  return { label: value(0), score: value(1), xPx: value(2), yPx: value(3), wPx: value(4), hPx: value(5) };
}
