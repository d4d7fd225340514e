/** Inits and samples of single tracks -> the init file and the fragments of one film (ISO/IEC 14496-12). Pure. */
import { type Box, boxesIn, childOf, fileOf } from './boxes.ts';
import { NOT_KEY } from './samples.ts';

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
const KEY = 0x2000000;
/** depends on others, and is no sync sample */
const OTHER = 0x1000000 | NOT_KEY;

export interface FragmentSample {
  readonly durationTicks: number;
  /** shown so much later (or earlier) than decoded */
  readonly offsetTicks: number;
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

export interface FragmentTrack {
  readonly trackId: number;
  readonly startTicks: number;
  readonly samples: readonly FragmentSample[];
}

/** One file for both tracks: video is track 1, sound track 2. What does not concern playing (udta) is left out. */
export function joinInits(video: Uint8Array, audio?: Uint8Array): Buffer {
  const tracks = [video, ...(audio ? [audio] : [])].map((bytes) => {
    const file = fileOf(Buffer.from(bytes));
    return { file, moov: childOf(file, 'moov') };
  });
  const [first] = tracks;
  if (!first) throw new Error('Expected an init of a video track');
  const mvhd = Buffer.from(childOf(first.moov, 'mvhd').payload);
  // The last field: the next free track id.
  mvhd.writeUInt32BE(tracks.length + 1, mvhd.length - 4);
  const traks = tracks.map(({ moov }, i) =>
    box('trak', ...boxesIn(childOf(moov, 'trak')).map((child) => renumbered(child, i + 1))),
  );
  const trexes = tracks.map(({ moov }, i) => renumbered(childOf(childOf(moov, 'mvex'), 'trex'), i + 1));
  return Buffer.concat([copyOf(childOf(first.file, 'ftyp')), box('moov', box('mvhd', mvhd), ...traks, box('mvex', ...trexes))]);
}

/** What stands before the samples' bytes, which follow in the order of the tracks. */
export function fragmentHead(sequence: number, tracks: readonly FragmentTrack[]): Buffer {
  const mfhd = box('mfhd', words(0, sequence));
  const trafBytes = tracks.reduce((sum, { samples }) => sum + 8 + TFHD_BYTES + TFDT_BYTES + TRUN_BYTES + 16 * samples.length, 0);
  const moofBytes = 8 + mfhd.length + trafBytes;
  let dataAt = moofBytes + 8;
  const trafs = tracks.map((track) => {
    const traf = trafOf(track, dataAt);
    dataAt += bytesOf(track);
    return traf;
  });
  const mdat = words(dataAt - moofBytes, 0);
  mdat.write('mdat', 4, 'latin1');
  return Buffer.concat([box('moof', mfhd, ...trafs), mdat]);
}

const TFHD_BYTES = 16;
const TFDT_BYTES = 20;
const TRUN_BYTES = 20;

function trafOf({ trackId, startTicks, samples }: FragmentTrack, dataAt: number): Buffer {
  // default-base-is-moof
  const tfhd = box('tfhd', words(0x020000, trackId));
  const tfdt = box('tfdt', words(0x01000000, Math.floor(startTicks / 2 ** 32), startTicks >>> 0));
  const fields = samples.flatMap(({ durationTicks, data, isKey, offsetTicks }) => [
    durationTicks,
    data.byteLength,
    isKey ? KEY : OTHER,
    offsetTicks >>> 0,
  ]);
  // version 1: signed offsets; with data offset, durations, sizes, flags, offsets
  return box('traf', tfhd, tfdt, box('trun', words(0x01000f01, samples.length, dataAt, ...fields)));
}

function bytesOf({ samples }: FragmentTrack): number {
  return samples.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** The track id stands in tkhd behind two dates, in trex at the start. */
function renumbered(child: Box, trackId: number): Buffer {
  const payload = Buffer.from(child.payload);
  if (child.type === 'tkhd') payload.writeUInt32BE(trackId, payload[0] === 1 ? 20 : 12);
  if (child.type === 'trex') payload.writeUInt32BE(trackId, 4);
  return box(child.type, payload);
}

function copyOf({ type, payload }: Box): Buffer {
  return box(type, payload);
}

function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const head = words(0, 0);
  const whole = Buffer.concat([head, ...parts]);
  whole.writeUInt32BE(whole.length, 0);
  whole.write(type, 4, 'latin1');
  return whole;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
