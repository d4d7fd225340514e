/**
 * Key frames -> whether the camera still sends the format that it began with. A camera that is set to another size or profile
 * goes on without a word; only the parameter set in its key frames (SPS: H.264 7.3.2.1, HEVC 7.3.2.2) differs. Compared with
 * the first key frame of the connection and not with the init: some cameras announce another set than they send. Pure.
 */
const H264_SPS = 7;
const HEVC_SPS = 33;

export class ParameterWatch {
  readonly #isHevc: boolean;
  readonly #lengthBytes: number;
  #known: ReadonlySet<string> | undefined;

  constructor(codec: string, init: Buffer) {
    this.#isHevc = codec === 'hevc';
    this.#lengthBytes = lengthBytesOf(init, this.#isHevc);
  }

  /** Takes the samples of key frames; the codec of both is that of the constructor. */
  hasChanged(sample: Buffer): boolean {
    const found = this.#parameterSets(sample);
    if (found.length === 0) return false;
    this.#known ??= new Set(found);
    return found.some((set) => !this.#known?.has(set));
  }

  /** One may stand there twice: some servers put their own copy before the camera's. */
  #parameterSets(sample: Buffer): string[] {
    const sets: string[] = [];
    for (let at = 0; at + this.#lengthBytes < sample.length; ) {
      const from = at + this.#lengthBytes;
      const end = from + sample.readUIntBE(at, this.#lengthBytes);
      const first = sample[from] ?? 0;
      const type = this.#isHevc ? (first >> 1) & 0x3f : first & 0x1f;
      if (end > sample.length) break;
      if (type === (this.#isHevc ? HEVC_SPS : H264_SPS)) sets.push(sample.toString('latin1', from, end));
      at = end;
    }
    return sets;
  }
}

/** lengthSizeMinusOne of the decoder configuration (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1). */
function lengthBytesOf(init: Buffer, isHevc: boolean): number {
  const at = init.indexOf(isHevc ? 'hvcC' : 'avcC', 0, 'latin1') + 4;
  return ((init[at + (isHevc ? 21 : 4)] ?? 3) & 3) + 1;
}
