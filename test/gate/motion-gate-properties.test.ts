import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Attention, MotionGate } from '../../src/gate/motion-gate.ts';
import { DETECT, picture } from './pictures.ts';

const RULES = { enabled: true, heartbeatMs: 1000, emptyHeartbeatMs: 5000 };
const SLOT_MS = 200;

const level = fc.constantFrom<Attention['level']>('empty', 'occupied', 'undecided');
const step = fc.record({
  level,
  noise: fc.integer({ min: 0, max: 12 }),
  light: fc.integer({ min: -20, max: 20 }),
  person: fc.option(
    fc.record({
      xPx: fc.integer({ min: 0, max: 140 }),
      yPx: fc.integer({ min: 8, max: 60 }),
      wPx: fc.constant(16),
      hPx: fc.constant(24),
    }),
    { nil: undefined },
  ),
});
const story = fc.array(step, { minLength: 1, maxLength: 60 });

/** The gate's answers to a story. */
function tell(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  const gate = MotionGate.for(DETECT, RULES);
  return steps.map(({ level: now, person, ...options }, slot) =>
    gate?.step(
      { ptsMs: slot * SLOT_MS, data: picture({ ...options, seed: slot + 1, ...(person ? { person } : {}) }) },
      { level: now, boxes: [] },
    ),
  );
}

it('an answer never stands longer than the heartbeat of its level', () => {
  fc.assert(
    fc.property(story, (steps) => {
      let lookedSlot = 0;
      for (const [slot, decision] of tell(steps).entries()) {
        if (decision?.look !== undefined) lookedSlot = slot;
        const limitMs = { empty: 5000, occupied: 1000, undecided: 0 }[steps[slot]?.level ?? 'empty'];
        expect((slot - lookedSlot) * SLOT_MS).toBeLessThanOrEqual(Math.max(limitMs - SLOT_MS, 0));
      }
    }),
    { numRuns: 50 },
  );
});

it('the same pictures give the same decisions', () => {
  fc.assert(
    fc.property(story, (steps) => {
      expect(tell(steps)).toEqual(tell(steps));
    }),
    { numRuns: 20 },
  );
});

it('whatever was learned, somebody of strong contrast wakes', () => {
  fc.assert(
    fc.property(story, fc.integer({ min: 8, max: 130 }), (steps, xPx) => {
      const gate = MotionGate.for(DETECT, RULES);
      for (const [slot, { person, ...options }] of steps.entries())
        gate?.step(
          { ptsMs: slot * SLOT_MS, data: picture({ ...options, seed: slot + 1, ...(person ? { person } : {}) }) },
          { level: 'empty', boxes: [] },
        );
      const ptsMs = steps.length * SLOT_MS;
      // The model sees the empty scene, then somebody stands in it.
      gate?.restart();
      gate?.step({ ptsMs, data: picture() }, { level: 'empty', boxes: [] });
      const walkedIn = picture({ person: { xPx, yPx: 24, wPx: 16, hPx: 40, grey: 235 } });
      expect(gate?.step({ ptsMs: ptsMs + SLOT_MS, data: walkedIn }, { level: 'empty', boxes: [] }).look).toBe('motion');
    }),
    { numRuns: 50 },
  );
});
