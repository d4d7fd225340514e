/**
 * What an RTSP camera answers before it plays, without redirects to elsewhere: ffmpeg follows each one. One to the same host
 * and port is turned to our relay; at any other the stream ends before ffmpeg sees its first byte.
 *
 * Not a parser of RTSP: a camera could make it and ffmpeg's count differently. Whatever ffmpeg could take for the status line
 * of a redirect counts, wherever it stands; ffmpeg overlooks every \r and reads the status with atoi, which wraps.
 */
import { Transform, type TransformCallback } from 'node:stream';

const STATUS_LINE = /R\r*T\r*S\r*P\r*\/[^\n]*/;
const BEGINNING = /R\r*(?:T\r*(?:S\r*(?:P\r*)?)?)?$/;
const NUMBERED = /^RTSP\/[^ \t]*\s+[+-]?\d/;
const NO_REDIRECT = /^RTSP\/[^ \t]*\s+[12456]\d\d(?!\d)/;
const MAX_HEAD_BYTES = 65_536;

export interface RtspRepliesOptions {
  readonly isThere: (url: string) => boolean;
  /** rtsp://host:port of the relay */
  readonly relayUrl: string;
  readonly onElsewhere: (url: string) => void;
}

/** ffmpeg follows no redirect any more once it has asked for this. */
export function startsPlaying(request: Buffer): boolean {
  return request.subarray(0, 5).toString('latin1') === 'PLAY ';
}

export class RtspReplies extends Transform {
  readonly #options: RtspRepliesOptions;
  #held = '';
  #trusts = false;

  constructor(options: RtspRepliesOptions) {
    super();
    this.#options = options;
  }

  /** From here on everything goes through as it comes. */
  trust(): void {
    this.#trusts = true;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#trusts && this.#held === '') {
      done(null, chunk);
      return;
    }
    this.#held += chunk.toString('latin1');
    const isFine = this.#trusts ? this.#pass(this.#held.length) : this.#sift();
    done(isFine ? null : new Error('the camera redirects to elsewhere'));
  }

  override _flush(done: TransformCallback): void {
    done(this.#sift() ? null : new Error('the camera redirects to elsewhere'));
  }

  #sift(): boolean {
    for (;;) {
      const found = STATUS_LINE.exec(this.#held);
      if (!found) return this.#pass(BEGINNING.exec(this.#held)?.index ?? this.#held.length);
      this.#pass(found.index);
      const line = found[0].replaceAll('\r', '');
      if (this.#held.length === found[0].length) return this.#held.length < MAX_HEAD_BYTES;
      if (NUMBERED.test(line) && !NO_REDIRECT.test(line)) return this.#redirect();
      this.#pass(found[0].length);
    }
  }

  #redirect(): boolean {
    const end = /\n\r*\n/.exec(this.#held);
    if (!end) return this.#held.length < MAX_HEAD_BYTES;
    const head = this.#held.slice(0, end.index);
    const target = /^\s*location:\s*(\S+)/im.exec(head)?.[1] ?? 'nowhere';
    if (!this.#options.isThere(target)) {
      this.#options.onElsewhere(target);
      return false;
    }
    const sequence = /^cseq:\s*(\d+)/im.exec(head)?.[1] ?? '1';
    const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
    this.push(`RTSP/1.0 302 Found\r\nCSeq: ${sequence}\r\nLocation: ${this.#options.relayUrl}${path}\r\n\r\n`, 'latin1');
    this.#held = '';
    return true;
  }

  #pass(length: number): true {
    if (length > 0) this.push(Buffer.from(this.#held.slice(0, length), 'latin1'));
    this.#held = this.#held.slice(length);
    return true;
  }
}
