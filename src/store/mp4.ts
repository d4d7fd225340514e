/**
 * Bytes of fragmented MP4 → timing, as little of ISO/IEC 14496-12 as recovery needs. Pure. Files that a crash left behind are
 * untrusted: every size is checked against what is there, and a box that lies makes the reader say so (Mp4Error).
 */
export class Mp4Error extends Error {
  override readonly name = 'Mp4Error';
}

export interface Box {
  readonly type: string;
  /** of the whole box, header included */
  readonly bytes: number;
  readonly headerBytes: number;
}

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

/** Longest header of a box: 32-bit size, type, 64-bit size. */
export const MAX_HEADER_BYTES = 16;

/** The header of the box at the start of these bytes; undefined where no whole header stands or its size cannot be. */
export function readHeader(data: Buffer): Box | undefined {
  if (data.length < 8) return undefined;
  const short = data.readUInt32BE(0);
  const headerBytes = short === 1 ? 16 : 8;
  if (data.length < headerBytes) return undefined;
  const bytes = short === 1 ? Number(data.readBigUInt64BE(8)) : short;
  const type = data.toString('latin1', 4, 8);
  return bytes < headerBytes ? undefined : { type, bytes, headerBytes };
}

/** Reads the timing out of an init segment (`ftyp`, `moov`). */
export function readInit(data: Buffer): InitTiming {
  const moov = childOf(data, 'moov');
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

/** Reads the timing of our track out of the payload of a `moof`; undefined where the fragment holds nothing of it. */
export function readFragment(moof: Buffer, init: InitTiming): FragmentTiming | undefined {
  for (const traf of childrenOf(moof, 'traf')) {
    const tfhd = childOf(traf, 'tfhd');
    if (uint32(tfhd, 4) !== init.trackId) continue;
    const defaultTicks = defaultTicksOf(tfhd) ?? init.defaultTicks;
    const runs = childrenOf(traf, 'trun').map((trun) => runTicks(trun, defaultTicks));
    return { startTicks: startTicksOf(traf), durationTicks: runs.reduce((sum, ticks) => sum + ticks, 0) };
  }
  return undefined;
}

function readTrack(trak: Buffer): { trackId: number; ticksPerSecond: number; isVideo: boolean } {
  const tkhd = childOf(trak, 'tkhd');
  const mdia = childOf(trak, 'mdia');
  const mdhd = childOf(mdia, 'mdhd');
  return {
    // version 1 has 64-bit creation and modification times before it
    trackId: uint32(tkhd, tkhd[0] === 1 ? 20 : 12),
    ticksPerSecond: uint32(mdhd, mdhd[0] === 1 ? 20 : 12),
    isVideo: childOf(mdia, 'hdlr').toString('latin1', 8, 12) === 'vide',
  };
}

function startTicksOf(traf: Buffer): number {
  const tfdt = childrenOf(traf, 'tfdt')[0];
  if (!tfdt) return 0;
  if (tfdt[0] !== 1) return uint32(tfdt, 4);
  return uint32(tfdt, 4) * 2 ** 32 + uint32(tfdt, 8);
}

/** default_sample_duration of tfhd, where its flag says that it stands there. */
function defaultTicksOf(tfhd: Buffer): number | undefined {
  const flags = uint32(tfhd, 0) & 0xffffff;
  if (!(flags & 0x08)) return undefined;
  return uint32(tfhd, 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0));
}

/** Sum of the sample durations of a trun. */
function runTicks(trun: Buffer, defaultTicks: number): number {
  const flags = uint32(trun, 0) & 0xffffff;
  const samples = uint32(trun, 4);
  if (!(flags & 0x100)) return samples * defaultTicks;
  const sampleBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit).length;
  const firstAt = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  if (firstAt + samples * sampleBytes > trun.length) throw new Mp4Error('a trun box counts more samples than it holds');
  let ticks = 0;
  for (let i = 0; i < samples; i += 1) ticks += uint32(trun, firstAt + i * sampleBytes);
  return ticks;
}

/** Payloads of the children of this type. */
function childrenOf(data: Buffer, type: string): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const box = readHeader(data.subarray(at));
    if (!box || at + box.bytes > data.length) throw new Mp4Error(`a box beside ${type} does not fit its parent`);
    if (box.type === type) found.push(data.subarray(at + box.headerBytes, at + box.bytes));
    at += box.bytes;
  }
  return found;
}

function childOf(data: Buffer, type: string): Buffer {
  const child = childrenOf(data, type)[0];
  if (!child) throw new Mp4Error(`the ${type} box is missing`);
  return child;
}

function uint32(data: Buffer, at: number): number {
  if (at + 4 > data.length) throw new Mp4Error('a box is shorter than its fields');
  return data.readUInt32BE(at);
}
