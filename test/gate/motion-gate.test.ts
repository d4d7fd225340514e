import { describe, expect, it } from 'vitest';
import { type Attention, type LookReason, MotionGate } from '../../src/gate/motion-gate.ts';
import { DETECT, picture, type PictureOptions } from './pictures.ts';

const RULES = { enabled: true, heartbeatMs: 1000, emptyHeartbeatMs: 5000 };
const EMPTY: Attention = { level: 'empty', boxes: [] };
const SLOT_MS = 200;

/** A gate that is shown picture after picture, 5 a second. */
function watch(rules = RULES) {
  const gate = MotionGate.for(DETECT, rules);
  if (!gate) throw new Error('Expected a gate for these frames');
  let slot = -1;
  const show = (options: PictureOptions = {}, attention = EMPTY): LookReason | undefined => {
    slot += 1;
    return gate.step({ ptsMs: slot * SLOT_MS, data: picture({ seed: slot + 1, ...options }) }, attention).look;
  };
  const many = (count: number, options?: PictureOptions, attention?: Attention): (LookReason | undefined)[] =>
    Array.from({ length: count }, () => show(options, attention));
  return { gate, show, many };
}

/** A grey figure that is slowly lit. */
const lit = (grey: number): PictureOptions => ({ person: { xPx: 40, yPx: 24, wPx: 24, hPx: 40, grey } });
/** Leaves that go to and fro with each picture. */
const leaves = (i: number): PictureOptions => ({ person: { xPx: 80, yPx: 16, wPx: 40, hPx: 40, grey: 100 + 10 * (i % 2) } });
/** Somebody before the lens. */
const close = (i: number): PictureOptions => ({ person: { xPx: 0, yPx: 4, wPx: 120, hPx: 80, grey: 20 + 40 * (i % 2) } });

/** Of ten pictures with restless movement in one place, known for a person or not: how many wake after ten times as many. */
function wakesUnder(boxes: Attention['boxes']): number {
  const { show } = watch();
  const step = (i: number): LookReason | undefined => show(lit(100 + 8 * (i % 2)), { level: 'occupied', boxes });
  for (let i = 0; i < 100; i++) step(i);
  return Array.from({ length: 10 }, (_, i) => step(i)).filter((reason) => reason === 'motion').length;
}

const looks = (reasons: readonly (LookReason | undefined)[]): number => reasons.filter(Boolean).length;

describe('a still scene', () => {
  it('is looked at once and then with the heartbeat', () => {
    const reasons = watch().many(51);
    expect(reasons.flatMap((reason, slot) => (reason ? [`${slot} ${reason}`] : []))).toEqual([
      '0 first',
      '25 heartbeat',
      '50 heartbeat',
    ]);
  });

  it('is looked at each second while somebody is there', () => {
    const occupied: Attention = { level: 'occupied', boxes: [{ x: 0.2, y: 0.2, w: 0.2, h: 0.5 }] };
    const reasons = watch().many(51, {}, occupied);
    expect(reasons.flatMap((reason, slot) => (reason ? [slot] : []))).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
  });

  it('is looked at all the time while it is undecided whether somebody is there', () => {
    expect(looks(watch().many(20, {}, { level: 'undecided', boxes: [] }))).toBe(20);
  });

  it('with the noise of a dark camera is learned within seconds', () => {
    const { many } = watch();
    many(50, { noise: 30 });
    expect(looks(many(250, { noise: 30 }))).toBeLessThanOrEqual(15);
  });
});

describe('movement', () => {
  it('of a small figure wakes at once, and once more after it stopped', () => {
    const { many, show } = watch();
    many(10, { noise: 3 });
    const person = { xPx: 40, yPx: 40, wPx: 8, hPx: 16, grey: 140 };
    expect(show({ noise: 3, person })).toBe('motion');
    expect(many(4, { noise: 3, person })).toEqual(['linger', 'linger', undefined, undefined]);
    expect(show({ noise: 3 })).toBe('motion');
  });

  it('that is slow adds up, because the reference is what the model saw', () => {
    const { many, show } = watch({ ...RULES, emptyHeartbeatMs: 60_000 });
    many(5, lit(100));
    const reasons = Array.from({ length: 12 }, (_, i) => show(lit(100 + i)));
    expect(reasons.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(reasons).toContain('motion');
  });

  it('wakes also where the scene is restless, if it is strong', () => {
    const { many, show } = watch();
    for (let i = 0; i < 300; i++) show(leaves(i));
    expect(looks(Array.from({ length: 50 }, (_, i) => show(leaves(i))))).toBeLessThanOrEqual(3);
    expect(show({ ...leaves(0), person: { xPx: 80, yPx: 16, wPx: 40, hPx: 40, grey: 180 } })).toBe('motion');
    expect(many(1)[0]).toBe('motion');
  });

  it('under a known person is never learned as noise', () => {
    expect(wakesUnder([{ x: 0.25, y: 0.22, w: 0.15, h: 0.46 }])).toBe(10);
    expect(wakesUnder([])).toBe(0);
  });
});

describe('light', () => {
  it('that goes on wakes once, and is the new normal', () => {
    const { many } = watch();
    many(10);
    expect(many(20, { light: 40 })).toEqual(['light', ...Array.from({ length: 19 }, () => undefined)]);
  });

  it('that changes without end wakes now and then, not all the time', () => {
    const { many, show } = watch();
    many(10);
    const reasons = Array.from({ length: 100 }, (_, i) => show({ light: Math.round(50 + 50 * Math.sin(i / 3)) }));
    expect(looks(reasons)).toBeGreaterThan(10);
    expect(looks(reasons)).toBeLessThanOrEqual(40);
  });

  it('that drifts does not hide somebody who walks in', () => {
    const { show } = watch();
    for (let i = 0; i < 20; i++) show({ light: i });
    expect(show({ light: 20, person: { xPx: 40, yPx: 40, wPx: 12, hPx: 24 } })).toBe('motion');
  });

  it('is no reason to look away from somebody who fills the picture', () => {
    const { many, show } = watch();
    many(10);
    const occupied: Attention = { level: 'occupied', boxes: [{ x: 0, y: 0, w: 0.75, h: 0.9 }] };
    expect(looks(Array.from({ length: 10 }, (_, i) => show(close(i), occupied)))).toBe(10);
  });
});

describe('a connection that begins anew', () => {
  it('is looked at once, and what was learned of the scene stays', () => {
    const { gate, many, show } = watch();
    many(100, { noise: 30 });
    gate.restart();
    expect(show({ noise: 30 })).toBe('first');
    expect(looks(many(50, { noise: 30 }))).toBeLessThanOrEqual(4);
  });
});

it('a frame that cannot be measured has no gate', () => {
  expect(MotionGate.for({ ...DETECT, widthPx: 161 }, RULES)).toBeUndefined();
});
