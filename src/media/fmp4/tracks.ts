/** Bytes of an init segment (`ftyp`, `moov`) → its tracks: what a reader of fragments, and a writer of a plain MP4, must know. */
import { type Box, boxesIn, childOf, childrenOf, fileOf, Mp4Error, type Parent, uint32 } from './boxes.ts';

/** What a fragment leaves out (`trex`). */
export interface SampleDefaults {
  readonly descriptionIndex: number;
  readonly ticks: number;
  readonly bytes: number;
  readonly flags: number;
}

export interface InitTrack {
  readonly id: number;
  /** handler: `vide`, `soun`, … */
  readonly kind: string;
  readonly ticksPerSecond: number;
  /** presentation time 0 is this tick of the media, by the edit list; negative where the track begins late */
  readonly mediaStartTicks: number;
  readonly defaults: SampleDefaults;
  /** sample entries of stsd: avc1, hvc1, mp4a, … */
  readonly descriptions: readonly Box[];
  /** to be copied: tkhd, mdhd, hdlr, and vmhd or smhd */
  readonly headers: { readonly tkhd: Box; readonly mdhd: Box; readonly hdlr: Box; readonly media: Box };
}

const NO_DEFAULTS: SampleDefaults = { descriptionIndex: 1, ticks: 0, bytes: 0, flags: 0 };

/** In the order of the file. Throws an Mp4Error where it is no init segment. */
export function readTracks(init: Buffer): InitTrack[] {
  const moov = childOf(fileOf(init), 'moov');
  const mvex = childrenOf(moov, 'mvex')[0];
  const trexes = mvex ? childrenOf(mvex, 'trex') : [];
  const mvhd = childOf(moov, 'mvhd');
  const movieTicksPerSecond = uint32(mvhd, isLong(mvhd) ? 20 : 12) || 1;
  return childrenOf(moov, 'trak').map((trak) => readTrack(trak, { trexes, movieTicksPerSecond }));
}

interface Movie {
  readonly trexes: readonly Box[];
  readonly movieTicksPerSecond: number;
}

function readTrack(trak: Box, { trexes, movieTicksPerSecond }: Movie): InitTrack {
  const tkhd = childOf(trak, 'tkhd');
  const mdia = childOf(trak, 'mdia');
  const mdhd = childOf(mdia, 'mdhd');
  const hdlr = childOf(mdia, 'hdlr');
  const minf = childOf(mdia, 'minf');
  const stsd = childOf(childOf(minf, 'stbl'), 'stsd');
  const media = boxesIn(minf).find(({ type }) => /^.mhd$/.test(type));
  if (!media) throw new Mp4Error('Expected a media header (vmhd, smhd) in the init segment but found none');
  // version 1 has 64-bit creation and modification times before it
  const id = uint32(tkhd, isLong(tkhd) ? 20 : 12);
  const ticksPerSecond = uint32(mdhd, isLong(mdhd) ? 20 : 12);
  if (ticksPerSecond === 0) throw new Mp4Error('the init segment has no track with a time scale');
  const trex = trexes.find((box) => uint32(box, 4) === id);
  return {
    id,
    kind: hdlr.payload.toString('latin1', 8, 12),
    ticksPerSecond,
    mediaStartTicks: mediaStartOf(trak, ticksPerSecond / movieTicksPerSecond),
    defaults: trex ? defaultsOf(trex) : NO_DEFAULTS,
    // version and flags, count of entries
    descriptions: boxesIn({ at: stsd.at + 8, payload: stsd.payload.subarray(8) }),
    headers: { tkhd, mdhd, hdlr, media },
  };
}

function defaultsOf(trex: Box): SampleDefaults {
  return { descriptionIndex: uint32(trex, 8), ticks: uint32(trex, 12), bytes: uint32(trex, 16), flags: uint32(trex, 20) };
}

/** media_time of the first edit that is not empty, less the empty ones before it; `scale`: ticks of the track in one of the movie. */
function mediaStartOf(trak: Parent, scale: number): number {
  const edts = childrenOf(trak, 'edts')[0];
  const elst = edts && childrenOf(edts, 'elst')[0];
  if (!elst) return 0;
  const [entryBytes, timeBytes] = isLong(elst) ? [20, 8] : [12, 4];
  const timeAt = (at: number): number => (isLong(elst) ? uint32(elst, at) * 2 ** 32 + uint32(elst, at + 4) : uint32(elst, at));
  let emptyTicks = 0;
  for (let at = 8; at < 8 + uint32(elst, 4) * entryBytes; at += entryBytes) {
    const isEmpty = uint32(elst, at + timeBytes) === 0xffffffff;
    if (!isEmpty) return timeAt(at + timeBytes) - emptyTicks;
    emptyTicks += Math.round(timeAt(at) * scale);
  }
  return 0;
}

function isLong({ payload }: Box): boolean {
  return payload[0] === 1;
}
