/**
 * Byte records, newest kept: a ring of chunks, bounded in bytes and in age. Memory grows chunk by chunk and never beyond
 * `maxBytes`; the oldest chunk goes as a whole. A record stands behind its length (u16) and never crosses a chunk.
 */
const MAX_CHUNK_BYTES = 65_536;
const MIN_CHUNK_BYTES = 4096;
const LENGTH_BYTES = 2;

export interface RecordRingLimits {
  readonly maxBytes: number;
  /** a chunk whose newest record is older than this goes, too */
  readonly keepMs: number;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  usedBytes: number;
  /** where the newest record begins, behind its length */
  lastStart: number;
  newestNowMs: number;
}

export class RecordRing {
  readonly #limits: RecordRingLimits;
  readonly #chunkBytes: number;
  #chunks: Chunk[] = [];
  #hasDropped = false;

  constructor(limits: RecordRingLimits) {
    this.#limits = limits;
    this.#chunkBytes = Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, Math.floor(limits.maxBytes / 16)));
  }

  /** The longest record that fits. */
  get maxRecordBytes(): number {
    return this.#chunkBytes - LENGTH_BYTES;
  }

  /** Memory in use. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes;
  }

  /** Records in use, without the free end of the newest chunk. */
  get usedBytes(): number {
    return this.#chunks.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  }

  /** Something was forgotten already. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  append(record: Uint8Array, nowMs: number): void {
    const chunk = this.#room(record.length, nowMs);
    chunk.view.setUint16(chunk.usedBytes, record.length);
    chunk.lastStart = chunk.usedBytes + LENGTH_BYTES;
    chunk.bytes.set(record, chunk.lastStart);
    chunk.usedBytes = chunk.lastStart + record.length;
    chunk.newestNowMs = nowMs;
  }

  /** Writes the newest record anew; its length stays. */
  amend(record: Uint8Array, nowMs: number): void {
    const chunk = this.#chunks.at(-1);
    if (!chunk || chunk.usedBytes - chunk.lastStart !== record.length)
      throw new Error(`Expected the newest record to have ${record.length} bytes`);
    chunk.bytes.set(record, chunk.lastStart);
    chunk.newestNowMs = nowMs;
  }

  /** Oldest first. */
  *records(): Generator<DataView> {
    for (const { view, usedBytes } of this.#chunks) {
      for (let at = 0; at < usedBytes; ) {
        const length = view.getUint16(at);
        yield new DataView(view.buffer, at + LENGTH_BYTES, length);
        at += LENGTH_BYTES + length;
      }
    }
  }

  #room(recordBytes: number, nowMs: number): Chunk {
    const newest = this.#chunks.at(-1);
    if (newest && newest.usedBytes + LENGTH_BYTES + recordBytes <= this.#chunkBytes) return newest;
    if (recordBytes > this.maxRecordBytes)
      throw new Error(`Expected a record of at most ${this.maxRecordBytes} bytes but received ${recordBytes}`);
    const young = this.#chunks.filter(({ newestNowMs }) => nowMs - newestNowMs <= this.#limits.keepMs);
    const isFull = (young.length + 1) * this.#chunkBytes > this.#limits.maxBytes;
    const oldest = isFull ? young.shift() : undefined;
    this.#hasDropped ||= young.length < this.#chunks.length;
    const bytes = oldest?.bytes ?? new Uint8Array(this.#chunkBytes);
    const chunk = { bytes, view: new DataView(bytes.buffer), usedBytes: 0, lastStart: 0, newestNowMs: nowMs };
    this.#chunks = [...young, chunk];
    return chunk;
  }
}
