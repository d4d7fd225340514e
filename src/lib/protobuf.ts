/**
 * The wire format of protocol buffers, read from a file with a cursor. What is skipped is never read: the weights of a model of
 * any size cost nothing. Every length is checked against the message around it, so that rubbish ends in an error at once.
 * Source of the format: protobuf.dev/programming-guides/encoding.
 */
import { readSync } from 'node:fs';

const WINDOW_BYTES = 65_536;
const MAX_TEXT_BYTES = 1_000_000;

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes */
  readonly wire: number;
}

export class ProtobufCursor {
  readonly #fd: number;
  readonly #window = Buffer.allocUnsafe(WINDOW_BYTES);
  #windowAt = 0;
  #windowBytes = 0;
  #at = 0;
  #end: number;

  constructor(fd: number, bytes: number) {
    this.#fd = fd;
    this.#end = bytes;
  }

  /** The next field of the message that is being read, or undefined at its end. Take or skip its value before the next call. */
  next(): Field | undefined {
    if (this.#at === this.#end) return undefined;
    const key = this.varint();
    const field = { number: Math.floor(key / 8), wire: key % 8 };
    if (field.number === 0) throw rubbish('a field without a number');
    return field;
  }

  /** A signed 64-bit number, exact up to 2⁵³. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      if (i < 7) low += (byte & 127) * 2 ** (7 * i);
      else high |= (byte & 127) << (7 * (i - 7));
      // The upper fifteen bits hold the sign.
      if (byte < 128) return ((high << 17) >> 17) * 2 ** 49 + low;
    }
    throw rubbish('a number of more than ten bytes');
  }

  text(): string {
    const bytes = this.bytes(MAX_TEXT_BYTES);
    if (!bytes) throw rubbish(`a text of more than ${MAX_TEXT_BYTES} bytes`);
    return bytes.toString('utf8');
  }

  /** A copy of a value with a length; undefined, and skipped, where it is longer than that. */
  bytes(maxBytes: number): Buffer | undefined {
    const length = this.#length();
    if (length > maxBytes) {
      this.#at += length;
      return undefined;
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      this.#look();
      const from = this.#at - this.#windowAt;
      const copied = this.#window.copy(bytes, filled, from, Math.min(this.#windowBytes, from + length - filled));
      filled += copied;
      this.#at += copied;
    }
    return bytes;
  }

  /** Reads an inner message: whatever `read` leaves of it is skipped. */
  message<T>(read: () => T): T {
    const outer = this.#end;
    const end = this.#length() + this.#at;
    this.#end = end;
    const result = read();
    this.#at = end;
    this.#end = outer;
    return result;
  }

  /** A repeated number, whether packed or one by one. */
  numbers({ wire }: Field): number[] {
    if (wire === 0) return [this.varint()];
    return this.message(() => {
      const values: number[] = [];
      while (this.#at < this.#end) values.push(this.varint());
      return values;
    });
  }

  /** Skips the value of a field; returns how many bytes it has. */
  skip({ wire }: Field): number {
    if (wire === 0) {
      this.varint();
      return 0;
    }
    const length = wire === 2 ? this.#length() : wire === 1 ? 8 : wire === 5 ? 4 : Number.NaN;
    if (!(this.#at + length <= this.#end)) throw rubbish(`a field of the unknown kind ${wire}`);
    this.#at += length;
    return length;
  }

  #length(): number {
    const length = this.varint();
    if (length < 0 || this.#at + length > this.#end) throw rubbish('a length beyond the end');
    return length;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw rubbish('an end in the middle');
    this.#look();
    const byte = this.#window[this.#at - this.#windowAt] as number;
    this.#at += 1;
    return byte;
  }

  /** Moves the window so that the byte to be read lies in it. */
  #look(): void {
    if (this.#at >= this.#windowAt && this.#at < this.#windowAt + this.#windowBytes) return;
    this.#windowAt = this.#at;
    this.#windowBytes = readSync(this.#fd, this.#window, 0, WINDOW_BYTES, this.#at);
    if (this.#windowBytes === 0) throw rubbish('an end in the middle');
  }
}

function rubbish(what: string): Error {
  return new Error(`Expected protocol buffers but received ${what}`);
}
