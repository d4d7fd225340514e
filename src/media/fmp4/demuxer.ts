/**
 * Pieces of a pipe of fragmented MP4 with one track -> its init segment and its samples, as soon as each is whole. Bounded: a
 * box that claims an absurd size ends it with an Mp4Error. A sample's bytes are copied once, into a buffer of their own.
 */
import { type BoxHeader, MAX_HEADER_BYTES, Mp4Error, readHeader } from './boxes.ts';
import { readDefaults, readSamples, type Sample, type TrackDefaults } from './samples.ts';

const MAX_HEAD_BYTES = 1_048_576;
/** A key frame of 8K at best quality is smaller. */
const MAX_MEDIA_BYTES = 33_554_432;
const EMPTY: Buffer = Buffer.alloc(0);

export interface DemuxedInit {
  readonly type: 'init';
  readonly bytes: Buffer;
  readonly ticksPerSecond: number;
}

export interface DemuxedSample extends Sample {
  readonly type: 'sample';
  readonly ticksPerSecond: number;
  readonly data: Buffer;
}

interface OpenBox extends BoxHeader {
  readonly whole: Buffer;
  filled: number;
}

export class Demuxer {
  #head: Buffer = EMPTY;
  #box: OpenBox | undefined;
  #ftyp = EMPTY;
  #defaults: TrackDefaults | undefined;
  #samples: readonly Sample[] | undefined;

  /** What this piece completes. */
  *push(chunk: Buffer): Generator<DemuxedInit | DemuxedSample> {
    for (let at = 0; at < chunk.length; ) {
      if (!this.#box) at = this.#readHeader(chunk, at);
      const box = this.#box;
      if (!box) return;
      const copied = chunk.copy(box.whole, box.filled, at);
      at += copied;
      box.filled += copied;
      if (box.filled < box.bytes) return;
      this.#box = undefined;
      yield* this.#take(box);
    }
  }

  /** Collects a header; returns where the payload goes on. */
  #readHeader(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + MAX_HEADER_BYTES - this.#head.length);
    const head = this.#head.length === 0 ? chunk.subarray(at, end) : Buffer.concat([this.#head, chunk.subarray(at, end)]);
    const needed = head.length >= 4 && head.readUInt32BE(0) === 1 ? MAX_HEADER_BYTES : 8;
    if (head.length < needed) {
      this.#head = Buffer.from(head);
      return chunk.length;
    }
    const header = readHeader(head);
    if (!header) throw new Mp4Error(`Expected a size for box ${head.toString('latin1', 4, 8)} but it has none`);
    const limit = header.type === 'mdat' ? MAX_MEDIA_BYTES : MAX_HEAD_BYTES;
    if (header.bytes > limit)
      throw new Mp4Error(`Expected at most ${limit} bytes of ${header.type} but it claims ${header.bytes}`);
    // What is kept has memory of its own; headers, which are not, share the pool.
    const whole = header.type === 'mdat' ? Buffer.allocUnsafeSlow(header.bytes) : Buffer.allocUnsafe(header.bytes);
    head.copy(whole, 0, 0, header.headerBytes);
    const fromChunk = header.headerBytes - this.#head.length;
    this.#head = EMPTY;
    this.#box = { ...header, whole, filled: header.headerBytes };
    return at + fromChunk;
  }

  *#take({ type, whole, headerBytes }: OpenBox): Generator<DemuxedInit | DemuxedSample> {
    const payload = whole.subarray(headerBytes);
    if (type === 'ftyp') this.#ftyp = whole;
    if (type === 'moov') {
      const bytes = Buffer.concat([this.#ftyp, whole]);
      this.#defaults = readDefaults(bytes);
      yield { type: 'init', bytes, ticksPerSecond: this.#defaults.ticksPerSecond };
    }
    if (type === 'moof') this.#samples = readSamples({ at: 0, payload }, this.#initDefaults());
    if (type === 'mdat') yield* this.#cut(payload);
  }

  *#cut(payload: Buffer): Generator<DemuxedSample> {
    const { ticksPerSecond } = this.#initDefaults();
    const samples = this.#samples ?? [];
    this.#samples = undefined;
    const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
    if (bytes !== payload.length) throw new Mp4Error(`Expected ${bytes} bytes of samples but received ${payload.length}`);
    let at = 0;
    for (const sample of samples) {
      yield { type: 'sample', ...sample, ticksPerSecond, data: payload.subarray(at, at + sample.bytes) };
      at += sample.bytes;
    }
  }

  #initDefaults(): TrackDefaults {
    if (!this.#defaults) throw new Mp4Error('Expected an init segment before the first fragment');
    return this.#defaults;
  }
}
