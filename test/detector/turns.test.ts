import { describe, expect, it } from 'vitest';
import { type Turn, Turns, type Waiting } from '../../src/detector/turns.ts';
import type { DetectedFrame } from '../../src/messages/detection.ts';
import { Frames, TOY_FORMAT as format } from './house.ts';

function answer(waiting: Waiting | undefined): void {
  if (!waiting) throw new Error('Expected a frame to answer');
  const { slot, ptsMs, atMs, arrivedNowMs, isRepeat } = waiting.frame;
  const detected: DetectedFrame = { slot, ptsMs, atMs, arrivedNowMs, isSpared: isRepeat, detections: [], latencyMs: 0 };
  waiting.turn.answer(waiting, detected);
}

function house() {
  const turns = new Turns();
  const frames = new Frames();
  const answered: string[] = [];
  const add = (camera: string): Turn => turns.add(camera, ({ slot }) => answered.push(`${camera}${slot}`));
  const question = (slot: number) => ({ frame: frames.frame(slot), format });
  /** Who is asked next, as camera and slot. */
  const ask = (): { name: string; waiting: Waiting } | undefined => {
    const waiting = turns.next();
    return waiting && { name: `${waiting.turn.camera}${waiting.frame.slot}`, waiting };
  };
  return { turns, frames, answered, add, question, ask };
}

/** Whether a promise is settled after everything that can happen now has happened. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  const later = new Promise<typeof pending>((resolve) => setImmediate(() => resolve(pending)));
  return (await Promise.race([promise, later])) !== pending;
}

describe('cameras at the detector', () => {
  it('take turns, however many frames one of them brings', () => {
    const { add, question, ask } = house();
    const [a, b, c] = [add('a'), add('b'), add('c')];
    const order: string[] = [];
    for (let slot = 0; slot < 3; slot++) {
      for (let extra = 0; extra < 5; extra++) a.offer(question(slot));
      b.offer(question(slot));
      c.offer(question(slot));
      for (let next = ask(); next; next = ask()) {
        order.push(next.name);
        answer(next.waiting);
      }
    }
    expect(order).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  });

  it('go on with the camera after the one that was last', () => {
    const { add, question, ask } = house();
    const [a, b] = [add('a'), add('b')];
    a.offer(question(0));
    expect(ask()?.name).toBe('a0');
    a.offer(question(1));
    b.offer(question(1));
    expect(ask()?.name).toBe('b1');
  });
});

describe('a live camera', () => {
  it('has its newest frame looked at; the ones it displaced are counted and given back', () => {
    const { add, question, ask, answered, frames } = house();
    const a = add('a');
    for (let slot = 0; slot < 4; slot++) a.offer(question(slot));
    expect(a.dropped).toBe(3);
    expect(frames.leased).toBe(1);
    answer(ask()?.waiting);
    expect(answered).toEqual(['a3']);
    expect(frames.leased).toBe(0);
    expect(a.isIdle).toBe(true);
  });

  it('has one frame at the model at a time', () => {
    const { add, question, ask } = house();
    const a = add('a');
    a.offer(question(0));
    const first = ask();
    a.offer(question(1));
    expect(ask()).toBeUndefined();
    answer(first?.waiting);
    expect(ask()?.name).toBe('a1');
  });

  it('loses the frame over which the host died', () => {
    const { add, question, ask, frames } = house();
    const a = add('a');
    a.offer(question(0));
    const first = ask();
    if (first) a.failed(first.waiting, { isSuspect: true });
    expect(ask()).toBeUndefined();
    expect(a.dropped).toBe(1);
    expect(frames.leased).toBe(0);
  });
});

describe('a complete source', () => {
  it('waits while two frames are under way', async () => {
    const { add, question, ask } = house();
    const a = add('a');
    expect(await isSettled(a.submit(question(0)))).toBe(true);
    const second = a.submit(question(1));
    expect(await isSettled(second)).toBe(false);
    const first = ask();
    expect(await isSettled(second)).toBe(false);
    answer(first?.waiting);
    expect(await isSettled(second)).toBe(true);
  });

  it('is drained when every frame was answered', async () => {
    const { add, question, ask, answered } = house();
    const a = add('a');
    expect(await isSettled(a.drained())).toBe(true);
    void a.submit(question(0));
    void a.submit(question(1));
    const drained = a.drained();
    answer(ask()?.waiting);
    expect(await isSettled(drained)).toBe(false);
    answer(ask()?.waiting);
    expect(await isSettled(drained)).toBe(true);
    expect(answered).toEqual(['a0', 'a1']);
  });

  it('has the frames over which the host died asked once more, in their order', () => {
    const { add, question, ask } = house();
    const a = add('a');
    for (let slot = 0; slot < 4; slot++) void a.submit(question(slot));
    const [first, second] = [ask(), ask()];
    if (first) a.failed(first.waiting, { isSuspect: true });
    if (second) a.failed(second.waiting, { isSuspect: false });
    expect([ask()?.name, ask()?.name, ask()?.name, ask()?.name]).toEqual(['a0', 'a1', 'a2', 'a3']);
    expect(a.dropped).toBe(0);
  });

  it('loses a frame that the host did not survive twice', () => {
    const { add, question, ask, frames } = house();
    const a = add('a');
    void a.submit(question(0));
    void a.submit(question(1));
    for (let i = 0; i < 2; i++) {
      const next = ask();
      expect(next?.name).toBe('a0');
      if (next) a.failed(next.waiting, { isSuspect: true });
    }
    expect(a.dropped).toBe(1);
    expect(frames.leased).toBe(1);
    expect(ask()?.name).toBe('a1');
  });
});

describe('a frame that only waited behind another one', () => {
  it('is asked again as often as the other one kills the host', () => {
    const { add, question, ask, frames } = house();
    const a = add('a');
    void a.submit(question(0));
    void a.submit(question(1));
    for (let i = 0; i < 2; i++) {
      const [guilty, innocent] = [ask(), ask()];
      if (guilty) a.failed(guilty.waiting, { isSuspect: true });
      if (innocent) a.failed(innocent.waiting, { isSuspect: false });
    }
    expect(a.dropped).toBe(1);
    const left = ask();
    expect(left?.name).toBe('a1');
    answer(left?.waiting);
    expect(frames.leased).toBe(0);
  });
});

describe('a camera that leaves', () => {
  it('takes no turn any more, and nothing of it is left', async () => {
    const { turns, add, question, ask, answered, frames } = house();
    const [a, b] = [add('a'), add('b')];
    a.offer(question(0));
    const atModel = ask();
    a.offer(question(1));
    const drained = a.drained();
    turns.remove(a);
    await drained;
    a.offer(question(2));
    b.offer(question(0));
    expect(turns.cameras).toEqual(['b']);
    expect(ask()?.name).toBe('b0');
    expect(ask()).toBeUndefined();
    answer(atModel?.waiting);
    expect(answered).toEqual([]);
    expect(frames.leased).toBe(1);
    turns.remove(a);
    expect(turns.cameras).toEqual(['b']);
  });

  it.each(['a', 'b', 'c'])('does not change who is next: %s', (name) => {
    const { turns, add, question, ask } = house();
    const all = new Map(['a', 'b', 'c', 'd'].map((camera) => [camera, add(camera)]));
    for (const camera of ['a', 'b']) {
      all.get(camera)?.offer(question(0));
      answer(ask()?.waiting);
    }
    const leaving = all.get(name);
    if (leaving) turns.remove(leaving);
    for (const turn of all.values()) turn.offer(question(1));
    const left = ['c', 'd', 'a', 'b'].filter((camera) => camera !== name);
    expect(left.map(() => ask()?.name)).toEqual(left.map((camera) => `${camera}1`));
  });

  it('may be the last one', () => {
    const { turns, add, question, ask } = house();
    turns.remove(add('a'));
    expect(ask()).toBeUndefined();
    add('b').offer(question(0));
    expect(ask()?.name).toBe('b0');
  });
});

describe('closing', () => {
  it('gives every waiting frame back and lets nobody wait', async () => {
    const { turns, add, question, frames } = house();
    const [a, b] = [add('a'), add('b')];
    a.offer(question(0));
    const waits = [b.submit(question(0)), b.submit(question(1)), b.submit(question(2)), b.drained()];
    turns.clear();
    await Promise.all(waits);
    expect(frames.leased).toBe(0);
  });

  it('tells nobody of an answer that comes afterwards', () => {
    const { turns, add, question, ask, frames, answered } = house();
    const a = add('a');
    a.offer(question(0));
    const next = ask();
    turns.clear();
    answer(next?.waiting);
    expect(answered).toEqual([]);
    expect(frames.leased).toBe(0);
  });

  it('gives back what comes afterwards', async () => {
    const { turns, add, question, ask, frames } = house();
    const a = add('a');
    turns.clear();
    a.offer(question(0));
    await a.submit(question(1));
    expect(ask()).toBeUndefined();
    expect(frames.leased).toBe(0);
  });

  it('does not ask a frame again over which the host died', () => {
    const { turns, add, question, ask, frames } = house();
    const a = add('a');
    void a.submit(question(0));
    const next = ask();
    turns.clear();
    if (next) a.failed(next.waiting, { isSuspect: true });
    expect(ask()).toBeUndefined();
    expect(frames.leased).toBe(0);
  });
});
