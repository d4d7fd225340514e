import { describe, expect, it } from 'vitest';
import type { DetectedFrame, Detection } from '../../src/messages/detection.ts';
import type { Box } from '../../src/messages/video.ts';
import { CandidateFilter } from '../../src/tracker/candidate-filter.ts';
import { Tracker } from '../../src/tracker/tracker.ts';

const RULES = { minScore: 0.3, startScore: 0.4, labels: ['person'], hits: 3, window: 5 };
const BOX: Box = { x: 0.4, y: 0.3, w: 0.1, h: 0.4 };

const person = (score = 0.8, box: Partial<Box> = {}): Detection => ({ label: 'person', score, box: { ...BOX, ...box } });

const frame = (slot: number, isUnsettled: boolean): DetectedFrame => ({
  slot,
  ptsMs: slot * 200,
  atMs: 0,
  arrivedNowMs: 0,
  latencyMs: 0,
  isSpared: false,
  isUnsettled,
  detections: [person()],
});

const confirmed = ({ tracks }: ReturnType<Tracker['step']>) => tracks.filter(({ isConfirmed }) => isConfirmed);

describe('a candidate of the wrong kind', () => {
  const corner = [
    [0, 0.5],
    [0.3, 0.5],
    [0.3, 1],
    [0, 1],
  ] as [number, number][];
  const filter = new CandidateFilter({ ...RULES, minArea: 0.01, maxArea: 0.5, minAspect: 0.2, maxAspect: 1.5, ignore: [corner] });

  it.each([
    { box: { w: 0.02, h: 0.1 }, rule: 'area' },
    { box: { w: 0.8, h: 0.8 }, rule: 'area' },
    { box: { w: 0.02, h: 0.6 }, rule: 'aspect' },
    { box: { w: 0.5, h: 0.2 }, rule: 'aspect' },
    { box: { x: 0.1, y: 0.5, w: 0.1, h: 0.3 }, rule: 'ignore' },
  ])('$box is told with the rule $rule, and leaves no trace either', ({ box, rule }) => {
    const candidates = [person(0.8, box), person(0.2, box)];
    const { strong, weak, rejected } = filter.sort({ detections: candidates });
    expect([strong, weak]).toEqual([[], []]);
    expect(rejected).toEqual(candidates.map((candidate) => ({ score: candidate.score, box: candidate.box, rule })));
  });

  it('is none when its head is in an area to be ignored and its feet are not', () => {
    const candidate = person(0.8, { x: 0.31, y: 0.4, w: 0.1, h: 0.3 });
    expect(filter.sort({ detections: [candidate] })).toEqual({ strong: [candidate], weak: [], rejected: [] });
  });

  it('is judged by its shape in pixels', () => {
    const square = person(0.8, { w: 0.2, h: 0.2 });
    expect(filter.sort({ detections: [square], pictureAspect: 1 }).strong).toHaveLength(1);
    expect(filter.sort({ detections: [square], pictureAspect: 2 }).rejected).toMatchObject([{ rule: 'aspect' }]);
  });

  it('that is only too weak may be a trace', () => {
    const faint = person(0.2);
    expect(filter.sort({ detections: [faint] })).toEqual({
      strong: [],
      weak: [faint],
      rejected: [{ score: 0.2, box: faint.box, rule: 'minScore' }],
    });
  });
});

describe('a faint trace', () => {
  it('holds a confirmed person for 15 s and no longer, and counts as no sighting', () => {
    const tracker = new Tracker(RULES);
    const step = (slot: number, score: number) => tracker.step({ ...frame(slot, false), detections: [person(score)] });
    for (let slot = 0; slot < 3; slot++) step(slot, 0.8);
    for (let slot = 3; slot <= 77; slot++)
      expect(step(slot, 0.15).tracks).toMatchObject([{ id: 1, isSeen: false, isHeld: true, lastSeenPtsMs: 400 }]);
    expect(step(78, 0.15)).toMatchObject({ tracks: [], left: [{ id: 1 }] });
    expect(step(79, 0.15).tracks).toEqual([]);
  });

  it('confirms nobody', () => {
    const tracker = new Tracker(RULES);
    const scores = [0.8, 0.8, 0.2, 0.2, 0.2, 0.2, 0.2];
    for (const [slot, score] of scores.entries())
      expect(confirmed(tracker.step({ ...frame(slot, false), detections: [person(score)] }))).toEqual([]);
  });
});

describe('while a picture settles', () => {
  it('nobody is confirmed, and the first hit counts from then on', () => {
    const tracker = new Tracker(RULES);
    for (let slot = 0; slot < 10; slot++) {
      expect(tracker.step(frame(slot, true))).toMatchObject({ tracks: [], rejected: [{ rule: 'settle' }] });
    }
    const answers = [10, 11, 12].map((slot) => confirmed(tracker.step(frame(slot, false))).length);
    expect(answers).toEqual([0, 0, 1]);
  });

  it('who is known is followed', () => {
    const tracker = new Tracker(RULES);
    for (let slot = 0; slot < 3; slot++) tracker.step(frame(slot, false));
    expect(tracker.step(frame(3, true))).toMatchObject({ tracks: [{ id: 1, isSeen: true }], rejected: [] });
  });

  it('whose hits were not enough before it has to wait', () => {
    const tracker = new Tracker(RULES);
    for (let slot = 0; slot < 2; slot++) tracker.step(frame(slot, false));
    for (let slot = 2; slot < 7; slot++) expect(confirmed(tracker.step(frame(slot, true)))).toEqual([]);
  });
});
