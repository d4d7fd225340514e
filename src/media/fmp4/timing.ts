/** Bytes of fragmented MP4 → when its samples are shown, as little of ISO/IEC 14496-12 as that needs. Pure. */
import { type Box, childOf, childrenOf, fileOf, Mp4Error, type Parent, uint32 } from './boxes.ts';

/** The track that counts: the first video track, or the first of all. */
export interface InitTiming {
  readonly trackId: number;
  readonly ticksPerSecond: number;
  /** of trex; 0 where the fragments say it themselves */
  readonly defaultTicks: number;
}

export interface FragmentTiming {
  readonly startTicks: number;
  readonly durationTicks: number;
}

/** Reads the timing out of an init segment (`ftyp`, `moov`). Throws an Mp4Error where it is none. */
export function readInit(data: Buffer): InitTiming {
  const moov = childOf(fileOf(data), 'moov');
  const tracks = childrenOf(moov, 'trak').map(readTrack);
  const track = tracks.find(({ isVideo }) => isVideo) ?? tracks[0];
  if (!track || track.ticksPerSecond === 0) throw new Mp4Error('the init segment has no track with a time scale');
  const mvex = childrenOf(moov, 'mvex')[0];
  const defaults = mvex ? childrenOf(mvex, 'trex') : [];
  // trex: version and flags, track id, description index, default duration
  const trex = defaults.find((box) => uint32(box, 4) === track.trackId);
  return {
    trackId: track.trackId,
    ticksPerSecond: track.ticksPerSecond,
    defaultTicks: trex ? uint32(trex, 12) : 0,
  };
}

/** Reads the timing of our track out of a `moof`; undefined where the fragment holds nothing of it. */
export function readFragment(moof: Parent, init: InitTiming): FragmentTiming | undefined {
  for (const traf of childrenOf(moof, 'traf')) {
    const tfhd = childOf(traf, 'tfhd');
    if (uint32(tfhd, 4) !== init.trackId) continue;
    const defaultTicks = defaultTicksOf(tfhd) ?? init.defaultTicks;
    const runs = childrenOf(traf, 'trun').map((trun) => runTicks(trun, defaultTicks));
    return { startTicks: startTicksOf(traf), durationTicks: runs.reduce((sum, ticks) => sum + ticks, 0) };
  }
  return undefined;
}

function readTrack(trak: Box): { trackId: number; ticksPerSecond: number; isVideo: boolean } {
  const tkhd = childOf(trak, 'tkhd');
  const mdia = childOf(trak, 'mdia');
  const mdhd = childOf(mdia, 'mdhd');
  return {
    // version 1 has 64-bit creation and modification times before it
    trackId: uint32(tkhd, versionOf(tkhd) === 1 ? 20 : 12),
    ticksPerSecond: uint32(mdhd, versionOf(mdhd) === 1 ? 20 : 12),
    isVideo: childOf(mdia, 'hdlr').payload.toString('latin1', 8, 12) === 'vide',
  };
}

function startTicksOf(traf: Box): number {
  const tfdt = childrenOf(traf, 'tfdt')[0];
  if (!tfdt) return 0;
  if (versionOf(tfdt) !== 1) return uint32(tfdt, 4);
  return uint32(tfdt, 4) * 2 ** 32 + uint32(tfdt, 8);
}

/** default_sample_duration of tfhd, where its flag says that it stands there. */
function defaultTicksOf(tfhd: Box): number | undefined {
  const flags = flagsOf(tfhd);
  if (!(flags & 0x08)) return undefined;
  return uint32(tfhd, 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0));
}

/** Sum of the sample durations of a trun. */
function runTicks(trun: Box, defaultTicks: number): number {
  const flags = flagsOf(trun);
  const samples = uint32(trun, 4);
  if (!(flags & 0x100)) return samples * defaultTicks;
  const sampleBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit).length;
  const firstAt = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  if (firstAt + samples * sampleBytes > trun.payload.length) throw new Mp4Error('a trun box counts more samples than it holds');
  let ticks = 0;
  for (let i = 0; i < samples; i += 1) ticks += uint32(trun, firstAt + i * sampleBytes);
  return ticks;
}

function versionOf(box: Box): number | undefined {
  return box.payload[0];
}

function flagsOf(box: Box): number {
  return uint32(box, 0) & 0xffffff;
}
