import { expect, it } from 'vitest';
import type { Track } from '../../src/messages/detection.ts';
import { attentionOf } from '../../src/gate/attention.ts';

const BOX = { x: 0.4, y: 0.3, w: 0.1, h: 0.4 };
const track = (more: Partial<Track> = {}): Track => ({
  id: 1,
  label: 'person',
  score: 0.8,
  meanScore: 0.8,
  box: BOX,
  isConfirmed: true,
  isSeen: true,
  firstSeenPtsMs: 0,
  lastSeenPtsMs: 10_000,
  ...more,
});

it.each([
  ['nobody and no event', [], false, 'empty'],
  ['nobody in an open event', [], true, 'occupied'],
  ['a confirmed person in view', [track()], true, 'occupied'],
  ['a person just missed', [track({ isSeen: false, lastSeenPtsMs: 9800 })], true, 'undecided'],
  ['a person who is held by a trace', [track({ isSeen: false, isHeld: true, lastSeenPtsMs: 9800 })], true, 'occupied'],
  ['a person missed for long', [track({ isSeen: false, lastSeenPtsMs: 7000 })], true, 'occupied'],
  ['a candidate just found', [track({ isConfirmed: false, firstSeenPtsMs: 9400 })], false, 'undecided'],
  ['a candidate that never convinces', [track({ isConfirmed: false })], false, 'occupied'],
  ['one certain and one new', [track(), track({ id: 2, isConfirmed: false, firstSeenPtsMs: 10_000 })], true, 'undecided'],
] as const)('%s', (...[, tracks, isEventOpen, level]) => {
  const attention = attentionOf({ tracks, ptsMs: 10_000, rejected: [] }, { isEventOpen });
  expect(attention).toEqual({ level, boxes: tracks.map(() => BOX) });
});

it('somebody in a picture that has yet to settle is undecided', () => {
  const rejected = [{ score: 0.7, box: BOX, rule: 'settle' }] as const;
  expect(attentionOf({ tracks: [], ptsMs: 10_000, rejected }, { isEventOpen: false }).level).toBe('undecided');
});
