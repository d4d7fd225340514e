/** A `moof` → its samples, run by run: when they are shown and where their bytes stand (ISO/IEC 14496-12, 8.8). Pure. */
import { type Box, childOf, childrenOf, Mp4Error, type Parent, uint32 } from './boxes.ts';
import type { InitTrack, SampleDefaults } from './tracks.ts';

export interface Sample {
  readonly ticks: number;
  readonly bytes: number;
  /** composition offset: shown this much after it is decoded */
  readonly offsetTicks: number;
  readonly isSync: boolean;
}

/** Samples of one track whose bytes follow each other. */
export interface Run {
  readonly trackId: number;
  /** counts from 1 */
  readonly descriptionIndex: number;
  /** decode time of the first sample */
  readonly startTicks: number;
  /** position in the file of the first sample's first byte */
  readonly at: number;
  readonly samples: readonly Sample[];
}

/** `moof` as it stands in the file; `startsAt` is where its header begins. */
export type Moof = Parent & { readonly startsAt: number };

const IS_NOT_SYNC = 0x10000;
/** A run that claims more was made to exhaust us. */
const MAX_SAMPLES = 1_000_000;

interface Fragment {
  readonly defaults: SampleDefaults;
  /** positions of its bytes count from here */
  readonly baseAt: number;
}

export function readRuns(moof: Moof, tracks: readonly InitTrack[]): Run[] {
  const runs: Run[] = [];
  let endsAt = moof.startsAt;
  for (const traf of childrenOf(moof, 'traf')) {
    const tfhd = childOf(traf, 'tfhd');
    const track = tracks.find(({ id }) => id === uint32(tfhd, 4));
    if (!track) throw new Mp4Error(`Expected a track of the init segment in a fragment but received number ${uint32(tfhd, 4)}`);
    const { defaults, baseAt } = fragmentOf(tfhd, { track, startsAt: moof.startsAt, endsAt });
    let at = baseAt;
    let ticks = startTicksOf(traf);
    for (const trun of childrenOf(traf, 'trun')) {
      const run = readRun(trun, { trackId: track.id, defaults, baseAt, at, ticks });
      runs.push(run);
      at = run.at + sum(run.samples, 'bytes');
      ticks += sum(run.samples, 'ticks');
    }
    endsAt = at;
  }
  return runs;
}

export function sum(samples: readonly Sample[], what: 'bytes' | 'ticks'): number {
  return samples.reduce((total, sample) => total + sample[what], 0);
}

interface Where {
  readonly track: InitTrack;
  readonly startsAt: number;
  /** of the fragment before it */
  readonly endsAt: number;
}

/** tfhd: version and flags, track id, then what the flags name, in this order. */
function fragmentOf(tfhd: Box, { track, startsAt, endsAt }: Where): Fragment {
  const flags = flagsOf(tfhd);
  let from = 8;
  const next = (flag: number, otherwise: number): number => {
    if (!(flags & flag)) return otherwise;
    from += 4;
    return uint32(tfhd, from - 4);
  };
  const baseHigh = next(0x01, 0);
  const baseLow = next(0x01, 0);
  const isMoofBase = (flags & 0x20000) !== 0;
  const baseAt = flags & 0x01 ? baseHigh * 2 ** 32 + baseLow : isMoofBase ? startsAt : endsAt;
  const { defaults: of } = track;
  const defaults = {
    descriptionIndex: next(0x02, of.descriptionIndex),
    ticks: next(0x08, of.ticks),
    bytes: next(0x10, of.bytes),
    flags: next(0x20, of.flags),
  };
  return { defaults, baseAt };
}

interface RunStart extends Fragment {
  readonly trackId: number;
  /** its bytes start here if it does not say otherwise */
  readonly at: number;
  readonly ticks: number;
}

function readRun(trun: Box, { trackId, defaults, baseAt, at, ticks }: RunStart): Run {
  const flags = flagsOf(trun);
  const count = uint32(trun, 4);
  const sampleBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit).length;
  const firstAt = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  if (firstAt + count * sampleBytes > trun.payload.length || count > MAX_SAMPLES)
    throw new Mp4Error('a trun box counts more samples than it holds');
  const firstFlags = flags & 0x04 ? uint32(trun, firstAt - 4) : undefined;
  return {
    trackId,
    descriptionIndex: defaults.descriptionIndex,
    startTicks: ticks,
    at: flags & 0x01 ? baseAt + (uint32(trun, 8) | 0) : at,
    samples: Array.from({ length: count }, (_, i) =>
      readSample(trun, firstAt + i * sampleBytes, i === 0 ? { ...defaults, firstFlags } : defaults),
    ),
  };
}

function readSample(trun: Box, at: number, defaults: SampleDefaults & { firstFlags?: number | undefined }): Sample {
  const flags = flagsOf(trun);
  let from = at;
  const next = (flag: number, otherwise: number): number => {
    if (!(flags & flag)) return otherwise;
    from += 4;
    return uint32(trun, from - 4);
  };
  const ticks = next(0x100, defaults.ticks);
  const bytes = next(0x200, defaults.bytes);
  const sampleFlags = next(0x400, defaults.firstFlags ?? defaults.flags);
  // version 0 says that it has no negative ones; writers do not agree
  const offsetTicks = next(0x800, 0) | 0;
  return { ticks, bytes, offsetTicks, isSync: (sampleFlags & IS_NOT_SYNC) === 0 };
}

function startTicksOf(traf: Box): number {
  const tfdt = childrenOf(traf, 'tfdt')[0];
  if (!tfdt) return 0;
  return tfdt.payload[0] === 1 ? uint32(tfdt, 4) * 2 ** 32 + uint32(tfdt, 8) : uint32(tfdt, 4);
}

function flagsOf(box: Box): number {
  return uint32(box, 0) & 0xffffff;
}
