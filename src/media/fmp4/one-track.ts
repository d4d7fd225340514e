/**
 * One track of an init file or a segment that holds several, for players that want each by itself (DASH). As with a virtual MP4,
 * media data is not copied: a segment is a head and pieces of the file. Pure.
 */
import { type Box, boxesIn, fileOf, Mp4Error, uint32 } from './boxes.ts';
import type { IndexedSegment, VirtualFile } from './virtual-mp4.ts';
import { type Run, sum } from './runs.ts';
import { readTracks } from './tracks.ts';
import { makeBox, makeFullBox, u32, u32List, u64List } from './write.ts';

const IS_NOT_SYNC = 0x10000;
const DEPENDS_ON_NOTHING = 0x2000000;
const DEPENDS_ON_OTHERS = 0x1000000;
/** of mdat: size and type */
const HEADER_BYTES = 8;

/** The init of one track. Throws an Mp4Error where there is no such track. */
export function initOfTrack(init: Buffer, trackId: number): VirtualFile {
  if (!readTracks(init).some(({ id }) => id === trackId)) throw new Mp4Error(`there is no track ${trackId}`);
  const head = Buffer.concat(boxesIn(fileOf(init)).map((box) => (box.type === 'moov' ? moovOf(box, trackId) : copy(box))));
  return { head, pieces: [], totalBytes: head.length };
}

function moovOf(moov: Box, trackId: number): Buffer {
  const trackIds = readTracks(copy(moov)).map(({ id }) => id);
  const traks = boxesIn(moov).filter(({ type }) => type === 'trak');
  const kept = boxesIn(moov).filter(
    (box) => box.type !== 'trak' || trackIds[traks.findIndex(({ at }) => at === box.at)] === trackId,
  );
  return makeBox('moov', ...kept.map((box) => (box.type === 'mvex' ? mvexOf(box, trackId) : copy(box))));
}

function mvexOf(mvex: Box, trackId: number): Buffer {
  return makeBox(
    'mvex',
    ...boxesIn(mvex)
      .filter((box) => box.type !== 'trex' || uint32(box, 4) === trackId)
      .map(copy),
  );
}

/** One fragment with all samples of the track; an empty one where the segment has none. */
export function segmentOfTrack({ name, runs }: IndexedSegment, trackId: number): VirtualFile {
  const own = runs.filter((run) => run.trackId === trackId && run.samples.length > 0);
  const pieces = own.map(({ at, samples }) => ({ name, at, bytes: sum(samples, 'bytes') }));
  const mediaBytes = pieces.reduce((total, { bytes }) => total + bytes, 0);
  const moofBytes = moofOf(own, 0).length;
  const mdat = Buffer.concat([u32(mediaBytes + HEADER_BYTES), Buffer.from('mdat')]);
  const styp = makeBox('styp', Buffer.from('msdh'), u32(0), Buffer.from('msdhmsix'));
  const head = Buffer.concat([styp, moofOf(own, moofBytes + HEADER_BYTES), mdat]);
  return { head, pieces, totalBytes: head.length + mediaBytes };
}

function moofOf(runs: readonly Run[], mediaAt: number): Buffer {
  const [first] = runs;
  const mfhd = makeFullBox('mfhd', {}, u32(1));
  if (!first) return makeBox('moof', mfhd);
  const isMoofBaseWithDescription = 0x20002;
  const tfhd = makeFullBox('tfhd', { flags: isMoofBaseWithDescription }, u32(first.trackId, first.descriptionIndex));
  const tfdt = makeFullBox('tfdt', { version: 1 }, u64List([first.startTicks]));
  return makeBox('moof', mfhd, makeBox('traf', tfhd, tfdt, trunOf(runs, mediaAt)));
}

/** With offset of the data, and duration, size, flags and composition offset of each sample. */
function trunOf(runs: readonly Run[], mediaAt: number): Buffer {
  const fields = runs.flatMap((run, i) => {
    const holeTicks = holeAfter(run, runs[i + 1]);
    return run.samples.flatMap(({ ticks, bytes, offsetTicks, isSync }, k) => {
      const flags = isSync ? DEPENDS_ON_NOTHING : DEPENDS_ON_OTHERS + IS_NOT_SYNC;
      const isLast = k === run.samples.length - 1;
      return [ticks + (isLast ? holeTicks : 0), bytes, flags, offsetTicks];
    });
  });
  return makeFullBox('trun', { version: 1, flags: 0xf01 }, u32(fields.length / 4, mediaAt), u32List(fields));
}

/** Where the next run begins later than this one ends, its last sample is shown for longer. */
function holeAfter({ startTicks, samples }: Run, next: Run | undefined): number {
  return next ? Math.max(0, next.startTicks - startTicks - sum(samples, 'ticks')) : 0;
}

function copy({ type, payload }: Box): Buffer {
  return makeBox(type, payload);
}
