import { describe, expect, it } from 'vitest';
import { averagePrecision, type Found, overlap, type Picture, type Rect, type Truth } from '../../scripts/ap/coco.ts';

const truth = (rect: Rect, isCrowd = false): Truth => ({ rect, isCrowd });
const found = (rect: Rect, score: number): Found => ({ rect, score });
const HERE: Rect = [0, 0, 10, 10];
const THERE: Rect = [50, 50, 10, 10];

function apOf(...pictures: Picture[]): number {
  return averagePrecision(pictures).ap;
}

describe('average precision', () => {
  it('is 1 where everything is found and nothing else, and 0 where nothing is', () => {
    expect(apOf({ truths: [truth(HERE), truth(THERE)], found: [found(HERE, 0.9), found(THERE, 0.2)] })).toBe(1);
    expect(apOf({ truths: [truth(HERE)], found: [] })).toBe(0);
    expect(apOf({ truths: [], found: [] })).toBeNaN();
  });

  it('counts the thresholds that a box reaches', () => {
    // IoU 0.75: six of ten thresholds.
    const { ap, ap50 } = averagePrecision([{ truths: [truth(HERE)], found: [found([0, 0, 10, 7.5], 0.9)] }]);
    expect(overlap([0, 0, 10, 7.5], truth(HERE))).toBe(0.75);
    expect(ap).toBeCloseTo(0.6, 10);
    expect(ap50).toBe(1);
  });

  it('reads precision at 101 points of recall, the best that comes at it or later', () => {
    // Half of the truth: recall 0 … 0.5 are 51 points. (The number that cocoapi is known to give: 0.50495.)
    expect(apOf({ truths: [truth(HERE), truth(THERE)], found: [found(HERE, 0.9)] })).toBeCloseTo(51 / 101, 10);
    // Wrong, right, right: precision 2/3 throughout.
    const wrongFirst = [found([80, 0, 5, 5], 0.9), found(HERE, 0.8), found(THERE, 0.7)];
    expect(apOf({ truths: [truth(HERE), truth(THERE)], found: wrongFirst })).toBeCloseTo(2 / 3, 10);
    const wrongBetween = [found(HERE, 0.9), found([80, 0, 5, 5], 0.8), found(THERE, 0.7)];
    expect(apOf({ truths: [truth(HERE), truth(THERE)], found: wrongBetween })).toBeCloseTo((51 + (50 * 2) / 3) / 101, 10);
  });

  it('lets each truth be found once, by the highest score', () => {
    const twice = [found(HERE, 0.9), found([0, 0, 10, 9], 0.8)];
    expect(apOf({ truths: [truth(HERE)], found: twice })).toBe(1);
    expect(apOf({ truths: [truth(HERE), truth(THERE)], found: [...twice, found(THERE, 0.7)] })).toBeCloseTo(
      (51 + (50 * 2) / 3) / 101,
      10,
    );
  });

  it('neither wants a crowd nor minds boxes in one', () => {
    const crowd = truth([40, 40, 40, 40], true);
    const inCrowd = [found([42, 42, 5, 5], 0.95), found([60, 60, 5, 5], 0.94)];
    expect(apOf({ truths: [truth(HERE), crowd], found: [...inCrowd, found(HERE, 0.9)] })).toBe(1);
    expect(apOf({ truths: [truth(HERE), crowd], found: [found([30, 30, 5, 5], 0.95), found(HERE, 0.9)] })).toBeCloseTo(0.5, 10);
  });

  it('looks at the hundred best boxes of a picture', () => {
    const wrong = Array.from({ length: 100 }, () => found([80, 0, 5, 5], 0.9));
    expect(apOf({ truths: [truth(HERE)], found: [...wrong, found(HERE, 0.5)] })).toBe(0);
  });

  it('agrees with cocoapi’s rules on pictures made at random', () => {
    // Expected: a literal transcription of COCOeval.evaluateImg and accumulate in Python with numpy, run on the same pictures.
    const expected = [
      [0.14963619455989474, 0.2985760193716924],
      [0.17970707887351497, 0.4010871675402835],
      [0.1691055311923764, 0.3251610875373251],
      [0.13681749521648034, 0.29844059405940593],
    ] as const;
    const random = generator();
    for (const [ap, ap50] of expected) {
      const result = averagePrecision(randomPictures(random));
      expect(result.ap).toBeCloseTo(ap, 10);
      expect(result.ap50).toBeCloseTo(ap50, 10);
    }
  });
});

/** The same numbers every time, here and where the expected values were made. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function randomPictures(random: () => number): Picture[] {
  const rect = (): Rect => [random() * 80, random() * 80, 5 + random() * 30, 5 + random() * 30];
  const near = ([x, y, w, h]: Rect): Rect => {
    const moved = [x, y, w, h].map((value) => value + (random() - 0.5) * 6);
    return [moved[0] ?? 0, moved[1] ?? 0, Math.max(1, moved[2] ?? 0), Math.max(1, moved[3] ?? 0)];
  };
  return Array.from({ length: 12 }, () => {
    const truths: Truth[] = [];
    const boxes: Found[] = [];
    const count = Math.floor(random() * 6);
    for (let i = 0; i < count; i++) {
      const one = truth(rect(), random() < 0.15);
      truths.push(one);
      const times = Math.floor(random() * 3);
      for (let j = 0; j < times; j++) boxes.push(found(near(one.rect), Math.round(random() * 1000) / 1000));
    }
    for (let i = 0; i < 3; i++) boxes.push(found(rect(), Math.round(random() * 600) / 1000));
    return { truths, found: boxes };
  });
}
