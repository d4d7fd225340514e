/**
 * The bytes of a segment or an init file -> proof that it is whole. Every box is walked against the size of the file: on a full
 * disk ffmpeg leaves truncated and empty segments behind and says nothing.
 */
import { boxesIn, childrenOf, fileOf, Mp4Error, uint32 } from './boxes.ts';

/** Frames in a media segment. Throws an Mp4Error that says what is wrong with it. */
export function countFrames(bytes: Buffer): number {
  const boxes = boxesIn(fileOf(bytes));
  if (!boxes.some(({ type }) => type === 'mdat')) throw new Mp4Error('Expected an mdat box in the segment but found none');
  const fragments = boxes.filter(({ type }) => type === 'moof');
  const runs = fragments.flatMap((moof) => childrenOf(moof, 'traf')).flatMap((traf) => childrenOf(traf, 'trun'));
  // trun: version and flags, count of samples
  const frames = runs.reduce((sum, trun) => sum + uint32(trun, 4), 0);
  if (frames === 0) throw new Mp4Error('Expected at least one frame in the segment but found none');
  return frames;
}

/** Throws an Mp4Error where the file is no whole init segment. */
export function checkInit(bytes: Buffer): void {
  const types = boxesIn(fileOf(bytes)).map(({ type }) => type);
  if (types[0] !== 'ftyp' || !types.includes('moov')) {
    throw new Mp4Error(`Expected ftyp and moov in the init file but found ${types.join(', ') || 'nothing'}`);
  }
}
