/** A `moof` of one track -> its samples, where they stand in the `mdat` behind it, and when (ISO/IEC 14496-12, 8.8). Pure. */
import { type Box, childOf, childrenOf, fileOf, Mp4Error, type Parent, uint32 } from './boxes.ts';

export interface TrackDefaults {
  readonly ticksPerSecond: number;
  readonly durationTicks: number;
  readonly bytes: number;
  readonly flags: number;
}

export interface Sample {
  readonly dtsTicks: number;
  /** shown so much later than decoded */
  readonly offsetTicks: number;
  readonly durationTicks: number;
  readonly bytes: number;
  readonly isKey: boolean;
}

/** sample_is_non_sync_sample */
export const NOT_KEY = 0x10000;

/** Reads what an init segment of one track says of all its samples. */
export function readDefaults(init: Buffer): TrackDefaults {
  const moov = childOf(fileOf(init), 'moov');
  const mdhd = childOf(childOf(childOf(moov, 'trak'), 'mdia'), 'mdhd');
  const trex = childOf(childOf(moov, 'mvex'), 'trex');
  const ticksPerSecond = uint32(mdhd, mdhd.payload[0] === 1 ? 20 : 12);
  if (ticksPerSecond === 0) throw new Mp4Error('the init segment has no time scale');
  return { ticksPerSecond, durationTicks: uint32(trex, 12), bytes: uint32(trex, 16), flags: uint32(trex, 20) };
}

/** The samples in the order in which their bytes fill the `mdat`. */
export function readSamples(moof: Parent, inited: TrackDefaults): Sample[] {
  const traf = childOf(moof, 'traf');
  const defaults = { ...inited, ...fragmentDefaults(childOf(traf, 'tfhd')) };
  const samples: Sample[] = [];
  let dtsTicks = readTfdt(childOf(traf, 'tfdt'));
  for (const trun of childrenOf(traf, 'trun')) {
    for (const sample of readRun(trun, defaults)) {
      samples.push({ ...sample, dtsTicks });
      dtsTicks += sample.durationTicks;
    }
  }
  return samples;
}

/** Signed: a stream may begin before its clock's zero. */
function readTfdt(tfdt: Box): number {
  const isLong = tfdt.payload[0] === 1;
  return isLong ? (uint32(tfdt, 4) | 0) * 2 ** 32 + uint32(tfdt, 8) : uint32(tfdt, 4);
}

/** Fields of tfhd stand in this order, each only where its flag is set. */
function fragmentDefaults(tfhd: Box): Partial<TrackDefaults> {
  const flags = uint32(tfhd, 0);
  let at = 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0);
  const next = (bit: number): number | undefined => {
    if (!(flags & bit)) return undefined;
    at += 4;
    return uint32(tfhd, at - 4);
  };
  const [durationTicks, bytes, sampleFlags] = [next(0x08), next(0x10), next(0x20)];
  return {
    ...(durationTicks !== undefined && { durationTicks }),
    ...(bytes !== undefined && { bytes }),
    ...(sampleFlags !== undefined && { flags: sampleFlags }),
  };
}

function* readRun(trun: Box, defaults: TrackDefaults): Generator<Omit<Sample, 'dtsTicks'>> {
  const flags = uint32(trun, 0);
  const count = uint32(trun, 4);
  let at = 8 + (flags & 0x01 ? 4 : 0);
  const next = (bit: number): number | undefined => {
    if (!(flags & bit)) return undefined;
    at += 4;
    return uint32(trun, at - 4);
  };
  const firstFlags = next(0x04);
  // Without fields of their own samples are limited by nothing in the box.
  if (!(flags & 0xf00) && count > 1) throw new Mp4Error(`Expected a trun box that describes its ${count} samples`);
  for (let i = 0; i < count; i += 1) {
    const durationTicks = next(0x100) ?? defaults.durationTicks;
    const bytes = next(0x200) ?? defaults.bytes;
    const own = next(0x400);
    const sampleFlags = (i === 0 ? firstFlags : undefined) ?? own ?? defaults.flags;
    const offsetTicks = (next(0x800) ?? 0) | 0;
    yield { durationTicks, bytes, offsetTicks, isKey: !(sampleFlags & NOT_KEY) };
  }
}
