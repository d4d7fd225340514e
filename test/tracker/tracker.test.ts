import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection, Track, TrackedFrame } from '../../src/messages/detection.ts';
import type { Box } from '../../src/messages/video.ts';
import { Tracker } from '../../src/tracker/tracker.ts';

const RULES = { fps: 5, minScore: 0.3, startScore: 0.4, labels: ['person'], hits: 3, window: 5 };
const SLOT_MS = 200;
const BOX: Box = { x: 0.4, y: 0.3, w: 0.1, h: 0.4 };

const person = (score = 0.8, box: Partial<Box> = {}): Detection => ({ label: 'person', score, box: { ...BOX, ...box } });

/** A tracker that is fed slot by slot. */
function follow(rules: Partial<typeof RULES> = {}) {
  const tracker = new Tracker({ ...RULES, ...rules });
  let slot = -1;
  const step = (detections: readonly Detection[], isSpared = false): TrackedFrame => {
    slot += 1;
    return tracker.step({
      slot,
      ptsMs: slot * SLOT_MS,
      atMs: 1e12 + slot * SLOT_MS,
      arrivedNowMs: 7,
      isSpared,
      detections,
      latencyMs: 3,
    });
  };
  return {
    tracker,
    step,
    repeat: () => step([], true),
    /** `x` is a hit, `.` a miss, `r` a repeated frame; the answer to the last one */
    play: (pattern: string, score = 0.8): TrackedFrame => {
      const answers = Array.from(pattern, (sign) => step(sign === 'x' ? [person(score)] : [], sign === 'r'));
      return answers.at(-1)!;
    },
  };
}

const confirmed = ({ tracks }: TrackedFrame): Track[] => tracks.filter(({ isConfirmed }) => isConfirmed);

describe('a person is confirmed', () => {
  it.each([
    { pattern: 'xxx', isConfirmed: true },
    { pattern: 'xx', isConfirmed: false },
    { pattern: 'x.x.x', isConfirmed: true },
    { pattern: 'xx..x', isConfirmed: true },
    { pattern: 'x..x.x', isConfirmed: false },
    { pattern: 'x..x.x.x', isConfirmed: true },
    { pattern: 'x...x...x...x', isConfirmed: false },
    { pattern: 'xrxrrx', isConfirmed: true },
    { pattern: 'xrrrr', isConfirmed: false },
    { pattern: 'xxrrr', isConfirmed: false },
    { pattern: 'xrr.rrxrr.rrx', isConfirmed: true },
  ])('or not after $pattern: $isConfirmed', ({ pattern, isConfirmed }) => {
    expect(confirmed(follow().play(pattern))).toHaveLength(isConfirmed ? 1 : 0);
  });

  it('with the hit that suffices, first seen with the first one', () => {
    const { play } = follow();
    const [track] = confirmed(play('..x.xx'));
    expect(track).toMatchObject({ id: 1, isSeen: true, firstSeenPtsMs: 400, lastSeenPtsMs: 1000 });
  });

  it('from the mean of the newest scores on, not before', () => {
    const { step } = follow();
    const scores = [0.3, 0.3, 0.39, 0.35, 0.5, 0.5];
    // Means of the newest (up to five): … 0.33, 0.335, 0.368, 0.408.
    expect(scores.map((score) => confirmed(step([person(score)])).length)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('when the mean is exactly startScore', () => {
    expect(confirmed(follow().play('xxx', 0.4))).toHaveLength(1);
    expect(confirmed(follow().play('xxx', 0.399))).toHaveLength(0);
  });

  it('by one frame where one hit suffices', () => {
    expect(confirmed(follow({ hits: 1, window: 1 }).play('x'))).toHaveLength(1);
  });

  it('never by a score below minScore or another label', () => {
    const { step } = follow();
    for (let i = 0; i < 10; i++) {
      expect(step([person(0.299), { ...person(0.99), label: 'dog' }]).tracks).toEqual([]);
    }
  });

  it('with any of the labels that count', () => {
    const { step } = follow({ labels: ['person', 'dog'] });
    const dog = { ...person(), label: 'dog' };
    step([dog]);
    step([dog]);
    expect(confirmed(step([dog]))).toMatchObject([{ label: 'dog' }]);
  });
});

describe('a repeated frame', () => {
  it('is neither a hit nor a miss, and nobody is seen in it', () => {
    const { play, repeat, step } = follow();
    play('xxx');
    const still = repeat();
    expect(still).toMatchObject({
      left: [],
      rejected: [],
      tracks: [{ id: 1, isConfirmed: true, isSeen: false, lastSeenPtsMs: 400 }],
    });
    expect(step([person()]).tracks).toMatchObject([{ id: 1, isSeen: true }]);
  });

  it('of a source of one picture a second does not make anybody leave', () => {
    const { play } = follow();
    expect(confirmed(play('xrrrrxrrrrxrrrrxrrrr'))).toMatchObject([{ id: 1 }]);
  });
});

describe('a confirmed person', () => {
  it('who flickers keeps the number', () => {
    const { play } = follow();
    play('xxx');
    for (const gap of ['.', '..', '....', '......']) expect(confirmed(play(`${gap}x`))).toMatchObject([{ id: 1, isSeen: true }]);
  });

  it('who is not seen for more than 4 s has left, once, as of the last time seen', () => {
    const { play, step } = follow();
    play('xxx');
    for (let missing = 1; missing <= 20; missing++) {
      const { left, tracks } = step([]);
      expect(left).toEqual([]);
      expect(tracks).toMatchObject([{ isSeen: false, isConfirmed: true }]);
    }
    const gone = step([]);
    expect(gone.tracks).toEqual([]);
    expect(gone.left).toMatchObject([{ id: 1, firstSeenPtsMs: 0, lastSeenPtsMs: 400 }]);
    expect(step([]).left).toEqual([]);
    expect(step([person()]).tracks).toMatchObject([{ id: 2, isConfirmed: false }]);
  });

  it('who walked out of the picture has left after 1.5 s, and who comes in there is somebody else', () => {
    const { step } = follow();
    for (let i = 0; i < 6; i++) step([person(0.8, { x: 0.7 + i * 0.05 })]);
    const left = Array.from({ length: 8 }, () => step([]).left.length);
    expect(left).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect(step([person(0.8, { x: 0.88 })]).tracks).toMatchObject([{ id: 2, isConfirmed: false }]);
  });

  it('who was hidden for some seconds keeps the number, also some steps further on, but somebody of another size does not', () => {
    const { step, play } = follow();
    play('xxx...............');
    expect(confirmed(step([person(0.8, { x: 0.46 })]))).toMatchObject([{ id: 1, isSeen: true }]);
    play('...............');
    expect(step([person(0.8, { x: 0.46, w: 0.05, h: 0.2 })]).tracks).toMatchObject([
      { id: 1, isSeen: false },
      { id: 2, isConfirmed: false },
    ]);
  });

  it('stays confirmed with weak hits, but not below minScore', () => {
    const { step, play } = follow();
    play('xxx');
    for (let i = 0; i < 20; i++) expect(confirmed(step([person(0.31)]))).toMatchObject([{ id: 1, isSeen: true }]);
    expect(confirmed(step([person(0.29)]))).toMatchObject([{ id: 1, isSeen: false }]);
  });

  it('has the score of the newest hit and a slower mean', () => {
    const { step, play } = follow();
    play('xxx', 0.8);
    const [track] = step([person(0.4)]).tracks;
    expect(track?.score).toBe(0.4);
    expect(track?.meanScore).toBeCloseTo(0.8 - 0.3 * 0.4);
  });
});

describe('two people', () => {
  it('who cross far from each other keep their numbers', () => {
    const { step } = follow();
    const ids: number[][] = [];
    for (let i = 0; i <= 20; i++) {
      const [left, right] = [person(0.8, { x: 0.05 + i * 0.04, y: 0.05 }), person(0.7, { x: 0.85 - i * 0.04, y: 0.55 })];
      // The model lists the better one first, and who that is changes.
      const { tracks } = step(i % 2 === 0 ? [left, right] : [right, left]);
      ids.push(tracks.toSorted((a, b) => a.box.y - b.box.y).map(({ id }) => id));
    }
    expect(new Set(ids.map(String))).toEqual(new Set(['1,2']));
  });

  it('who overlap are told apart by where they went', () => {
    const { step } = follow();
    let newest: TrackedFrame | undefined;
    for (let i = 0; i <= 16; i++) {
      const offset = (i - 8) * 0.03;
      newest = step([person(0.8, { x: 0.45 + offset, y: 0.3 }), person(0.8, { x: 0.45 - offset, y: 0.45 })]);
    }
    expect(newest?.tracks.map(({ id, box }) => [id, box.y])).toEqual([
      [1, 0.3],
      [2, 0.45],
    ]);
  });

  it('are two, however they come', () => {
    const { step, play } = follow();
    play('xxx');
    const both = [person(0.8), person(0.8, { x: 0.8 })];
    step(both);
    step(both);
    expect(confirmed(step(both)).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('walking fast are followed by where they are expected', () => {
    const { step } = follow();
    // 0.09 of the frame in a slot with a box 0.1 wide: without the prediction hardly any overlap is left.
    const ids = Array.from({ length: 9 }, (_, i) =>
      step([person(0.8, { x: 0.02 + Math.min(i, 3) * 0.06 + Math.max(0, i - 3) * 0.09 })]),
    );
    expect(new Set(ids.flatMap(({ tracks }) => tracks.map(({ id }) => id)))).toEqual(new Set([1]));
  });
});

describe('a candidate that became no hit', () => {
  it('is told with the rule that rejected it', () => {
    const { step } = follow();
    const dog: Detection = { label: 'dog', score: 0.9, box: { ...BOX, x: 0 } };
    expect(step([person(0.2), dog]).rejected).toEqual([
      { score: 0.2, box: BOX, rule: 'minScore' },
      { score: 0.9, box: dog.box, rule: 'label' },
    ]);
  });

  it('is unconfirmed until there are hits enough, then too weak to start, then nothing', () => {
    const { step } = follow();
    const rules = [0.35, 0.35, 0.35, 0.35, 0.6, 0.6].map((score) => step([person(score)]).rejected.map(({ rule }) => rule));
    expect(rules).toEqual([['unconfirmed'], ['unconfirmed'], ['startScore'], ['startScore'], [], []]);
  });

  it('is not told of again while it is not seen', () => {
    const { play } = follow();
    expect(play('x').rejected).toHaveLength(1);
    expect(play('.').rejected).toEqual([]);
  });
});

describe('somebody unconfirmed', () => {
  it('is forgotten when no hit is left in the window, and nobody has left', () => {
    const { play, step } = follow();
    expect(play('x....').tracks).toHaveLength(1);
    const gone = step([]);
    expect(gone.tracks).toEqual([]);
    expect(gone.left).toEqual([]);
  });
});

describe('reset', () => {
  it('lets everybody confirmed leave, as of the last time seen, and forgets the rest', () => {
    const { play, step, tracker } = follow();
    play('xxx.');
    step([person(0.8, { x: 0 })]);
    expect(tracker.reset()).toMatchObject([{ id: 1, lastSeenPtsMs: 400, isConfirmed: true }]);
    expect(tracker.reset()).toEqual([]);
    expect(step([person()]).tracks).toMatchObject([{ id: 3, isConfirmed: false }]);
  });
});

describe('whatever the model says', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const detection: fc.Arbitrary<Detection> = fc.record({
    label: fc.constantFrom('person', 'dog'),
    score: fc.double({ min: 0.1, max: 1, noNaN: true }),
    box: fc.record({ x: unit, y: unit, w: unit, h: unit }),
  });
  const frame = fc.record({ isSpared: fc.boolean(), detections: fc.array(detection, { maxLength: 5 }) });

  it('numbers are used once, nobody leaves who was not confirmed, and every detection is a hit or has its rule', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 40 }), (frames) => {
        const { step } = follow();
        const present = new Set<number>();
        const gone = new Set<number>();
        for (const { isSpared, detections } of frames) {
          const answer = step(isSpared ? [] : detections, isSpared);
          for (const { id } of answer.left) {
            expect(present.has(id)).toBe(true);
            present.delete(id);
            gone.add(id);
          }
          for (const { id } of confirmed(answer)) present.add(id);
          expect(answer.tracks.some(({ id }) => gone.has(id))).toBe(false);
          expect(confirmed(answer)).toHaveLength(present.size);
          const seen = answer.tracks.filter(({ isSeen }) => isSeen);
          const told = answer.rejected.filter(({ rule }) => rule === 'label' || rule === 'minScore');
          if (!isSpared) expect(seen.length + told.length).toBe(detections.length);
          for (const { lastSeenPtsMs, firstSeenPtsMs } of answer.tracks)
            expect(lastSeenPtsMs).toBeGreaterThanOrEqual(firstSeenPtsMs);
        }
      }),
    );
  });
});
