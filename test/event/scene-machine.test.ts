import { describe, expect, it } from 'vitest';
import { SceneMachine } from '../../src/event/scene-machine.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';
import { AT_MS, EVENT, frameOf, type Seen, typesOf } from './frames.ts';

const SOMEBODY: Seen = { id: 1 };

/** A machine that is fed slot by slot; ids are a, b, c … */
function scene(event: Partial<typeof EVENT> = {}) {
  let minted = 0;
  const mintedAt: number[] = [];
  const machine = new SceneMachine({
    event: { ...EVENT, ...event },
    mintId: (atMs) => {
      mintedAt.push(atMs - AT_MS);
      return String.fromCodePoint(97 + minted++);
    },
  });
  let slot = -1;
  const step = (...people: readonly Seen[]): SceneEvent[] => {
    slot += 1;
    return machine.step(frameOf(slot, people));
  };
  /** The same frame again and again; what came of it. */
  const steps = (times: number, ...people: readonly Seen[]): SceneEvent[] =>
    Array.from({ length: times }, () => step(...people)).flat();
  return { machine, step, steps, mintedAt };
}

describe('a scene event', () => {
  it('starts with a confirmed person, at the time that person was first seen', () => {
    const { step, machine, mintedAt } = scene();
    expect(step({ id: 1, isConfirmed: false })).toEqual([]);
    expect(step({ id: 1, isConfirmed: false })).toEqual([]);
    expect(machine.openId).toBeUndefined();
    expect(step({ id: 1, forMs: 400, score: 0.7 })).toEqual([
      {
        type: 'start',
        id: 'a',
        scene: { label: 'person', score: 0.7, count: 1, people: 1, box: { x: 0.1, y: 0.1, w: 0.1, h: 0.5 } },
        startPtsMs: 0,
        startAtMs: AT_MS,
        ptsMs: 400,
        latencyMs: { frameToDetect: 30, detectToConfirm: 400 },
        confirmedNowMs: 1030,
      },
    ]);
    expect(machine.openId).toBe('a');
    expect(mintedAt).toEqual([0]);
  });

  it('does not start with a person who is only remembered', () => {
    expect(scene().steps(5, { id: 1, isSeen: false })).toEqual([]);
  });

  it('goes start, update, end', () => {
    const { steps } = scene();
    const events = [...steps(3, SOMEBODY), ...steps(3, SOMEBODY, { id: 2 }), ...steps(3, { id: 2 }), ...steps(6)];
    expect(typesOf(events)).toEqual(['start a', 'update a', 'update a', 'update a', 'end a']);
    const counts = events.map(({ scene: { count, people } }) => [count, people]);
    expect(counts).toEqual([
      [1, 1],
      [2, 2],
      [1, 2],
      [0, 2],
      [0, 2],
    ]);
  });

  it('has no update for a box that moves or a score that sinks or hardly rises, but one for a clearly better score', () => {
    const { step } = scene();
    step({ id: 1, score: 0.61 });
    expect(step({ id: 1, score: 0.62 })).toEqual([]);
    expect(step({ id: 1, score: 0.4 })).toEqual([]);
    const [update] = step({ id: 1, score: 0.71 });
    expect(update).toMatchObject({ type: 'update', scene: { score: 0.71 } });
    expect(step({ id: 1, score: 0.5 })).toEqual([]);
  });

  it('ends postRollMs after the last time somebody was seen, not after the frame that noticed', () => {
    const { step, steps, machine } = scene({ postRollMs: 500 });
    steps(2, SOMEBODY);
    expect(steps(2)).toMatchObject([{ type: 'update', scene: { count: 0 } }]);
    expect(step()).toEqual([
      {
        type: 'end',
        id: 'a',
        scene: { label: 'person', score: 0.8, count: 0, people: 1, box: { x: 0.1, y: 0.1, w: 0.1, h: 0.5 } },
        reason: 'left',
        lastSeenPtsMs: 200,
        lastSeenAtMs: AT_MS + 200,
        closePtsMs: 700,
      },
    ]);
    expect(machine.openId).toBeUndefined();
  });

  it('holds a person who comes back within the post-roll, and one who comes instead', () => {
    const { steps } = scene();
    const events = [...steps(3, SOMEBODY), ...steps(4), ...steps(2, SOMEBODY), ...steps(4), ...steps(2, { id: 2 }), ...steps(5)];
    expect(typesOf(events).filter((text) => !text.startsWith('update'))).toEqual(['start a', 'end a']);
    expect(events.at(-1)).toMatchObject({ scene: { people: 2 } });
  });

  it('is another one when the post-roll is over', () => {
    const { steps } = scene();
    const events = [...steps(1, SOMEBODY), ...steps(5), ...steps(1, { id: 2 })];
    expect(typesOf(events)).toEqual(['start a', 'update a', 'end a', 'start b']);
    expect(events.at(-1)).not.toHaveProperty('continues');
  });

  it('counts nobody as gone who is only out of sight for a moment', () => {
    const { steps } = scene();
    expect(typesOf([...steps(1, SOMEBODY), ...steps(3, { id: 1, isSeen: false }), ...steps(1, SOMEBODY)])).toEqual(['start a']);
  });

  it('goes on with a faint trace of somebody who stays, but does not begin with one', () => {
    const { steps } = scene();
    const held = { id: 1, isHeld: true };
    expect(steps(3, held)).toEqual([]);
    expect(typesOf([...steps(3, SOMEBODY), ...steps(20, held)])).toEqual(['start a']);
    expect(steps(6).at(-1)).toMatchObject({ type: 'end', lastSeenPtsMs: 25 * 200, closePtsMs: 25 * 200 + 1000 });
  });

  it('begins after the one before it has ended, also with a person whom that one had', () => {
    // The track outlives a post-roll this short: without a limit the second event would begin inside the first.
    const { steps, step } = scene({ postRollMs: 500 });
    const events = [...steps(2, SOMEBODY), ...steps(4, { id: 1, isSeen: false }), ...step({ id: 1, forMs: 1200 })];
    expect(typesOf(events)).toEqual(['start a', 'end a', 'start b']);
    expect(events[1]).toMatchObject({ closePtsMs: 700 });
    expect(events[2]).toMatchObject({ startPtsMs: 700, startAtMs: AT_MS + 700, latencyMs: { detectToConfirm: 500 } });
  });
});

describe('a long event', () => {
  it('is split with no gap, and the next part says which one it continues', () => {
    const { steps } = scene();
    const events = steps(60, SOMEBODY);
    expect(typesOf(events)).toEqual(['start a', 'end a', 'start b', 'end b', 'start c']);
    expect(events[1]).toMatchObject({ reason: 'max', closePtsMs: 5000, lastSeenPtsMs: 4800, scene: { count: 1 } });
    expect(events[2]).toMatchObject({ continues: 'a', startPtsMs: 5000, ptsMs: 5000, startAtMs: AT_MS + 5000 });
    expect(events[4]).toMatchObject({ continues: 'b', startPtsMs: 10_000 });
  });

  it('is not split while nobody is in view: it is about to end', () => {
    const { steps } = scene();
    steps(25, SOMEBODY);
    expect(typesOf(steps(10))).toEqual(['update a', 'end a']);
  });

  it('counts the people of each part anew', () => {
    const { steps } = scene();
    steps(10, SOMEBODY);
    steps(10, { id: 2 });
    const events = steps(10, { id: 3 });
    expect(events.map(({ type, scene: { people } }) => [type, people])).toEqual([
      ['update', 3],
      ['end', 3],
      ['start', 1],
    ]);
  });
});

describe('closing', () => {
  it.each(['source', 'stopped'] as const)('ends the open event where it is, with the reason %s', (reason) => {
    const { steps, machine } = scene();
    steps(3, SOMEBODY);
    expect(machine.close(reason, 450)).toMatchObject([
      { type: 'end', id: 'a', reason, closePtsMs: 450, lastSeenPtsMs: 400, scene: { count: 1, people: 1 } },
    ]);
    expect(machine.close(reason, 450)).toEqual([]);
  });

  it('has nothing to end when nobody was there', () => {
    expect(scene().machine.close('stopped', 0)).toEqual([]);
  });
});
