/** What an AAC track says of itself (ISO/IEC 14496-1, 7.2.6; 14496-3, 1.6.2.1), and a frame of silence that fits it. Pure. */
import { Mp4Error } from './boxes.ts';

export interface AacConfig {
  /** 2: LC */
  readonly objectType: number;
  readonly channels: number;
}

const DECODER_CONFIG = 0x04;
const DECODER_SPECIFIC = 0x05;
const ES = 0x03;

/** One block of zero spectrum: LC, which any sampling rate takes. Read from an encoder that was given silence. */
const SILENCE: ReadonlyMap<number, Buffer> = new Map([
  [1, Buffer.from('01182007', 'hex')],
  [2, Buffer.from('211004608c1c', 'hex')],
]);

/** Reads the decoder's configuration out of an init segment; undefined where the track is no AAC. */
export function readAacConfig(init: Buffer): AacConfig | undefined {
  const at = init.indexOf('esds', 0, 'latin1');
  if (at < 0) return undefined;
  let from = at + 8;
  for (;;) {
    const { tag, bodyAt } = descriptorAt(init, from);
    if (tag === ES) from = bodyAt + 3;
    else if (tag === DECODER_CONFIG) from = bodyAt + 13;
    else if (tag === DECODER_SPECIFIC && bodyAt + 2 <= init.length) return configOf(init.readUInt16BE(bodyAt));
    else throw new Mp4Error('the sound track does not say how it is coded');
  }
}

/** A frame without sound, where one is known for this configuration. */
export function silentFrame({ objectType, channels }: AacConfig): Buffer | undefined {
  return objectType === 2 ? SILENCE.get(channels) : undefined;
}

/** A tag, then a length of up to four bytes of seven bits. */
function descriptorAt(init: Buffer, at: number): { tag: number | undefined; bodyAt: number } {
  let bodyAt = at + 1;
  while (bodyAt < at + 4 && (init[bodyAt] ?? 0) & 0x80) bodyAt += 1;
  return { tag: init[at], bodyAt: bodyAt + 1 };
}

function configOf(bits: number): AacConfig {
  return { objectType: bits >> 11, channels: (bits >> 3) & 0x0f };
}
