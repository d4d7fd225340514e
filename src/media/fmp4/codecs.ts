/**
 * A sample entry → what it holds, as RFC 6381 names it (`avc1.640028`, `mp4a.40.2`), and the facts that decide who can play it.
 * Formats: ISO/IEC 14496-15 (avcC, hvcC), 14496-1 (esds), 14496-10 (SPS), RFC 6381.
 */
import { type Box, boxesIn, Mp4Error } from './boxes.ts';
import { BitReader } from './bit-reader.ts';

export interface VideoFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  /** as in the SPS: 100 is High */
  readonly profile: number;
  /** times ten: 41 is 4.1 */
  readonly level: number;
  /** 1 is 4:2:0 */
  readonly chromaFormat: number;
  readonly bitDepth: number;
}

/** Fields of a sample entry before the boxes inside it. */
const VISUAL_BYTES = 78;
const AUDIO_BYTES = 28;
/** Profiles whose SPS says more of chroma and bit depth; all others are 4:2:0 with 8 bits. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Just the name of the entry where nothing more is known of it. */
export function codecOf(entry: Box): string {
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return `${entry.type}.${configOf(entry, 'avcC').subarray(1, 4).toString('hex')}`;
    case 'hvc1':
    case 'hev1':
      return `${entry.type}.${hevcName(configOf(entry, 'hvcC'))}`;
    case 'mp4a':
      return `mp4a.${audioName(configOf(entry, 'esds', AUDIO_BYTES))}`;
    default:
      return entry.type;
  }
}

/** Of an avc1 entry. Throws an Mp4Error where it holds no parameter set. */
export function avcFactsOf(entry: Box): VideoFacts {
  const avcC = configOf(entry, 'avcC');
  const count = (avcC[5] ?? 0) & 0x1f;
  const spsBytes = count > 0 && avcC.length >= 8 ? avcC.readUInt16BE(6) : 0;
  const sps = avcC.subarray(8, 8 + spsBytes);
  if (sps.length < 4) throw new Mp4Error('Expected a sequence parameter set in avcC but found none');
  const [, profile = 0, , level = 0] = sps;
  return { ...sizeOf(entry), profile, level, ...chromaOf(sps, profile) };
}

/** Of a video's sample entry. */
export function sizeOf({ payload }: Box): { readonly widthPx: number; readonly heightPx: number } {
  if (payload.length < 28) throw new Mp4Error('Expected a size in the sample entry but it is too short');
  return { widthPx: payload.readUInt16BE(24), heightPx: payload.readUInt16BE(26) };
}

function configOf({ type, at, payload }: Box, config: string, fieldBytes = VISUAL_BYTES): Buffer {
  const inside = boxesIn({ at: at + fieldBytes, payload: payload.subarray(fieldBytes) });
  const found = inside.find((box) => box.type === config);
  if (!found || found.payload.length < 4) throw new Mp4Error(`Expected ${config} in ${type} but found none`);
  return found.payload;
}

function chromaOf(sps: Buffer, profile: number): Pick<VideoFacts, 'chromaFormat' | 'bitDepth'> {
  if (!HIGH_PROFILES.has(profile)) return { chromaFormat: 1, bitDepth: 8 };
  // NAL header, profile, constraints, level; then Exp-Golomb: id, chroma format, depths of luma and chroma
  const bits = new BitReader(withoutEscapes(sps.subarray(4)));
  bits.golomb();
  const chromaFormat = bits.golomb();
  if (chromaFormat === 3) bits.bits(1);
  const [luma, chroma] = [bits.golomb(), bits.golomb()];
  return { chromaFormat, bitDepth: 8 + Math.max(luma, chroma) };
}

/** Removes the 3 of each 0 0 3, which keeps start codes out of the data. */
function withoutEscapes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, i) => !(byte === 3 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0)));
}

/** ISO/IEC 14496-15, annex E.3: `1.6.L120.90` */
function hevcName(hvcC: Buffer): string {
  if (hvcC.length < 13) throw new Mp4Error('Expected a whole hvcC but it is too short');
  const [, first = 0] = hvcC;
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  const tier = first & 0x20 ? 'H' : 'L';
  const compatible = Array.from({ length: 32 }, (_, i) => (hvcC.readUInt32BE(2) >>> i) & 1).reduce(
    (sum, bit) => sum * 2 + bit,
    0,
  );
  const constraints = [...hvcC.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = [`${space}${first & 0x1f}`, compatible.toString(16), `${tier}${hvcC[12]}`];
  return [...parts, ...constraints.map((byte) => byte.toString(16))].join('.');
}

/** Object type, and for MPEG-4 audio its kind: `40.2` is AAC-LC. Descriptors are tag, length of 1 to 4 bytes, content. */
function audioName(esds: Buffer): string {
  const config = descriptorsOf(esds.subarray(4));
  const objectType = config.get(0x04)?.[0] ?? 0x40;
  const kind = (config.get(0x05)?.[0] ?? 2 << 3) >> 3;
  return objectType === 0x40 ? `40.${kind}` : objectType.toString(16);
}

const ES_FIELDS = 3;
const DECODER_FIELDS = 13;

/** ES (3) holds decoder configuration (4) holds specific information (5). */
function descriptorsOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  let rest = bytes;
  while (rest.length > 2) {
    const tag = rest[0] ?? 0;
    let from = 1;
    let length = 0;
    for (let more = true; more && from < 5; from += 1) {
      length = length * 128 + ((rest[from] ?? 0) & 0x7f);
      more = ((rest[from] ?? 0) & 0x80) !== 0;
    }
    const content = rest.subarray(from, from + length);
    found.set(tag, content);
    const inside = tag === 0x03 ? ES_FIELDS : tag === 0x04 ? DECODER_FIELDS : content.length;
    rest = inside < content.length ? content.subarray(inside) : rest.subarray(from + length);
  }
  return found;
}
