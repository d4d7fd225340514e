import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SceneMachine } from '../../src/event/scene-machine.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import { Tracker } from '../../src/tracker/tracker.ts';
import { AT_MS, EVENT, frameOf, type Seen, SLOT_MS, typesOf } from './frames.ts';

function play(plan: readonly { skip: number; people: readonly Seen[] }[]): SceneEvent[] {
  let minted = 0;
  const machine = new SceneMachine({ event: EVENT, mintId: () => `${minted++}` });
  let slot = 0;
  const events = plan.flatMap(({ skip, people }) => machine.step(frameOf((slot += skip), people)));
  events.push(...machine.close('stopped', slot * SLOT_MS));
  expect(machine.openId).toBeUndefined();
  return events;
}

describe('whoever comes and goes', () => {
  const seen: fc.Arbitrary<Seen> = fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    score: fc.double({ min: 0.3, max: 1, noNaN: true }),
    isSeen: fc.boolean(),
    isConfirmed: fc.boolean(),
    forMs: fc.integer({ min: 0, max: 3000 }),
  });
  const frames = fc.array(fc.record({ skip: fc.integer({ min: 1, max: 20 }), people: fc.array(seen, { maxLength: 3 }) }), {
    maxLength: 120,
  });

  it('never two events are open, and each start has exactly one end', () => {
    fc.assert(
      fc.property(frames, (plan) => {
        let open: string | undefined;
        for (const { type, id } of play(plan)) {
          expect(open).toBe(type === 'start' ? undefined : id);
          if (type !== 'update') open = type === 'start' ? id : undefined;
        }
        expect(open).toBeUndefined();
      }),
    );
  });

  it('times go forward, and no event begins before the one before it was over', () => {
    fc.assert(
      fc.property(frames, (plan) => {
        let closedPtsMs = Number.NEGATIVE_INFINITY;
        let startPtsMs = 0;
        for (const event of play(plan)) {
          if (event.type === 'start') {
            startPtsMs = event.startPtsMs;
            expect(startPtsMs).toBeGreaterThanOrEqual(closedPtsMs);
            expect(event.ptsMs).toBeGreaterThanOrEqual(startPtsMs);
            expect(event.startAtMs - AT_MS).toBe(startPtsMs);
          }
          if (event.type === 'end') {
            expect(event.lastSeenPtsMs).toBeGreaterThanOrEqual(startPtsMs);
            expect(event.closePtsMs).toBeGreaterThanOrEqual(event.lastSeenPtsMs);
            closedPtsMs = event.closePtsMs;
          }
        }
      }),
    );
  });

  it('parts of a split event meet without a gap', () => {
    fc.assert(
      fc.property(frames, (plan) => {
        const events = play(plan);
        for (const [i, event] of events.entries()) {
          if (event.type !== 'start' || event.continues === undefined) continue;
          expect(events[i - 1]).toMatchObject({ type: 'end', id: event.continues, reason: 'max', closePtsMs: event.startPtsMs });
        }
      }),
    );
  });

  it('the scene is never less than it was: people and best score only grow within an event', () => {
    fc.assert(
      fc.property(frames, (plan) => {
        let before = { people: 0, score: 0 };
        for (const {
          type,
          scene: { people, score },
        } of play(plan)) {
          if (type !== 'start') expect([people >= before.people, score >= before.score]).toEqual([true, true]);
          before = { people, score };
        }
      }),
    );
  });

  it('behind a tracker, a visit with any flicker shorter than the post-roll is one event', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 20 }), (gaps) => {
        const tracker = new Tracker({ minScore: 0.3, startScore: 0.4, labels: ['person'], hits: 3, window: 5 });
        const machine = new SceneMachine({ event: { ...EVENT, postRollMs: 2000, maxDurationMs: 3_600_000 }, mintId: () => 'a' });
        const detection = { label: 'person', score: 0.8, box: { x: 0.4, y: 0.3, w: 0.1, h: 0.4 } };
        const pattern = ['xxx', ...gaps.map((gap) => `${'.'.repeat(gap)}x`), '.'.repeat(20)].join('');
        const events = Array.from(pattern, (sign, slot) => {
          const ptsMs = slot * SLOT_MS;
          const detections = sign === 'x' ? [detection] : [];
          return machine.step(
            tracker.step({ slot, ptsMs, atMs: ptsMs, arrivedNowMs: 0, latencyMs: 0, isSpared: false, detections }),
          );
        }).flat();
        expect(typesOf(events).filter((text) => !text.startsWith('update'))).toEqual(['start a', 'end a']);
      }),
    );
  });
});
