/** Tracks → the `moov` of a plain MP4 (ISO/IEC 14496-12, 8.2–8.7). Pure. */
import type { VirtualTrack } from './virtual-track.ts';
import { makeBox, makeFullBox, u16, u32, u32List, u64List } from './write.ts';

export interface MoovOptions {
  /** where the media data will stand in the file */
  readonly mediaAt: number;
  /** offsets need 64 bits */
  readonly isLarge: boolean;
  /** wall time, for the file's creation time */
  readonly createdAtMs?: number | undefined;
  /** media time that is shown first */
  readonly originS: number;
  readonly ticksPerSecond: number;
}

/** Seconds from 1904, which MP4 counts from, to 1970. */
const EPOCH_1904_S = 2_082_844_800;

export function moovOf(tracks: readonly VirtualTrack[], options: MoovOptions): Buffer {
  const edits = tracks.map((track) => editOf(track, options));
  const durationTicks = Math.max(0, ...edits.map(({ totalTicks }) => totalTicks));
  const traks = tracks.map((track, i) => trakOf(track, { ...options, number: i + 1, edit: edits[i] as Edit }));
  return makeBox('moov', mvhd(durationTicks, tracks.length, options), ...traks);
}

/** What of a track is shown when, in ticks of the film where not said otherwise. */
interface Edit {
  readonly emptyTicks: number;
  readonly shownTicks: number;
  readonly totalTicks: number;
  /** of the track */
  readonly mediaStartTicks: number;
}

function editOf(track: VirtualTrack, { originS, ticksPerSecond }: MoovOptions): Edit {
  const scale = ticksPerSecond / track.ticksPerSecond;
  const delayTicks = Math.round(track.firstTicks - track.source.mediaStartTicks - originS * track.ticksPerSecond);
  const mediaStartTicks = Math.max(0, -delayTicks);
  const shownTicks = Math.max(0, Math.round((track.shownTicks.to - track.firstTicks - mediaStartTicks) * scale));
  const emptyTicks = Math.round(Math.max(0, delayTicks) * scale);
  return { emptyTicks, shownTicks, totalTicks: emptyTicks + shownTicks, mediaStartTicks };
}

function created({ createdAtMs }: MoovOptions): Buffer {
  const seconds = createdAtMs === undefined ? 0 : Math.round(createdAtMs / 1000) + EPOCH_1904_S;
  return u32(seconds, seconds);
}

const IDENTITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function mvhd(durationTicks: number, tracks: number, options: MoovOptions): Buffer {
  const rateAndVolume = [u32(0x10000), u16(0x100), Buffer.alloc(10)];
  return makeFullBox(
    'mvhd',
    {},
    created(options),
    u32(options.ticksPerSecond, durationTicks),
    ...rateAndVolume,
    IDENTITY,
    Buffer.alloc(24),
    u32(tracks + 1),
  );
}

type TrakOptions = MoovOptions & { readonly number: number; readonly edit: Edit };

function trakOf(track: VirtualTrack, options: TrakOptions): Buffer {
  const { hdlr, media, mdhd } = track.source.headers;
  const language = mdhd.payload.subarray(-4);
  const selfContained = makeFullBox('dref', {}, u32(1), makeFullBox('url ', { flags: 1 }));
  return makeBox(
    'trak',
    tkhdOf(track, options),
    ...edtsOf(options.edit),
    makeBox(
      'mdia',
      makeFullBox('mdhd', {}, created(options), u32(track.ticksPerSecond, track.endTicks - track.firstTicks), language),
      makeBox('hdlr', hdlr.payload),
      makeBox('minf', makeBox(media.type, media.payload), makeBox('dinf', selfContained), stblOf(track, options)),
    ),
  );
}

function tkhdOf({ source }: VirtualTrack, options: TrakOptions): Buffer {
  const isEnabledAndShown = 3;
  const matrixAndSize = source.headers.tkhd.payload.subarray(-44);
  const volume = source.kind === 'soun' ? 0x100 : 0;
  const middle = [Buffer.alloc(8), u16(0, 0, volume, 0)];
  const ids = u32(options.number, 0, options.edit.totalTicks);
  return makeFullBox('tkhd', { flags: isEnabledAndShown }, created(options), ids, ...middle, matrixAndSize);
}

/** Nothing where the track begins with the film and all of it is shown. */
function edtsOf({ emptyTicks, shownTicks, mediaStartTicks }: Edit): Buffer[] {
  const normalRate = 0x10000;
  const empty = emptyTicks > 0 ? [u32(emptyTicks, -1, normalRate)] : [];
  if (empty.length === 0 && mediaStartTicks === 0) return [];
  const shown = u32(shownTicks, mediaStartTicks, normalRate);
  return [makeBox('edts', makeFullBox('elst', {}, u32(empty.length + 1), ...empty, shown))];
}

function stblOf(track: VirtualTrack, options: TrakOptions): Buffer {
  const hasOffsets = track.offsetTicks.some((ticks) => ticks !== 0);
  const isAllSync = track.syncSamples.length === track.samples;
  return makeBox(
    'stbl',
    makeFullBox('stsd', {}, u32(track.descriptions.length), ...track.descriptions),
    countedOf('stts', runLengths(durationsOf(track))),
    ...(hasOffsets ? [countedOf('ctts', runLengths(track.offsetTicks), 1)] : []),
    ...(isAllSync ? [] : [makeFullBox('stss', {}, u32(track.syncSamples.length), u32List(track.syncSamples))]),
    stscOf(track),
    makeFullBox('stsz', {}, u32(0, track.samples), u32List(track.bytes)),
    offsetsOf(track, options),
  );
}

function durationsOf({ startTicks, endTicks }: VirtualTrack): number[] {
  return startTicks.map((ticks, i) => (startTicks[i + 1] ?? endTicks) - ticks);
}

function runLengths(values: readonly number[]): [count: number, value: number][] {
  const runs: [number, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.[1] === value) last[0] += 1;
    else runs.push([1, value]);
  }
  return runs;
}

function countedOf(type: string, entries: readonly (readonly number[])[], version = 0): Buffer {
  return makeFullBox(type, { version }, u32(entries.length), u32List(entries.flat()));
}

/** Chunks → (first chunk, samples in each, description), where one of the last two changes. */
function stscOf({ chunks }: VirtualTrack): Buffer {
  const changes = chunks
    .map(({ samples, descriptionIndex }, i) => [i + 1, samples, descriptionIndex] as const)
    .filter(([, samples, description], i) => {
      const before = chunks[i - 1];
      return before?.samples !== samples || before.descriptionIndex !== description;
    });
  return countedOf('stsc', changes);
}

function offsetsOf({ chunks }: VirtualTrack, { mediaAt, isLarge }: TrakOptions): Buffer {
  const offsets = chunks.map(({ at }) => mediaAt + at);
  return isLarge
    ? makeFullBox('co64', {}, u32(offsets.length), u64List(offsets))
    : makeFullBox('stco', {}, u32(offsets.length), u32List(offsets));
}
