import { describe, expect, it } from 'vitest';
import type { ClipMessage } from '../../src/messages/clip.ts';
import { expectNoLeftovers } from '../leftovers.ts';
import { FORMAT, PERSON, Scripted } from './scripted.ts';

expectNoLeftovers();

const GHOST = { ...PERSON, score: 0.2 };

function readyOf(clips: readonly ClipMessage[]): Extract<ClipMessage, { type: 'ready' }> | undefined {
  return clips.find((clip) => clip.type === 'ready');
}

describe('a person in front of one camera', () => {
  it('is told of in order: found, the clip plays, gone, the clip is complete', async () => {
    await using door = new Scripted();
    door.open();
    door.show(4);
    door.show(5, PERSON);
    await door.recording();
    door.show(8);
    await door.heard('ready');
    // Who is out of sight is waited for a little longer.
    door.show(20);
    // The clip has its own pace: it may play before or after the person is gone.
    const seen = door.news.filter((word) => !['update', 'snapshot', 'live', 'ready'].includes(word));
    expect(seen).toEqual(['opened', 'count 0/0', 'start', 'count 1/1', 'end left', 'count 0/1', 'left']);
    expect(door.news.filter((word) => word === 'live' || word === 'ready')).toEqual(['live', 'ready']);
    // Seen first at 800 ms, last at 1600 ms: 400 ms before, and 1000 ms after.
    expect(door.events[0]).toMatchObject({ type: 'start', id: 'e1', startPtsMs: 800, ptsMs: 1200 });
    expect(readyOf(door.clips)).toMatchObject({ id: 'e1', preRollMs: 400, postRollMs: 1000, durationMs: 2200, droppedFrames: 0 });
    door.stop();
    await door.over;
    expect(door.leased).toBe(0);
  });

  it('who is but a weak trace is nobody, and the why-log and the candidates know', async () => {
    await using door = new Scripted();
    door.open();
    door.show(3, GHOST);
    expect(door.events).toEqual([]);
    expect(door.candidates).toEqual([1, 1, 1]);
    expect(door.why.usedBytes).toBeGreaterThan(0);
  });
});

describe('a camera that goes away while somebody is there', () => {
  it('and is back within the post-roll: the event goes on', async () => {
    await using door = new Scripted({ event: { preRollMs: 400, postRollMs: 60_000, settleMs: 0 } });
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    door.lose();
    door.open(FORMAT, false);
    door.show(5, PERSON);
    expect(door.events.filter(({ type }) => type !== 'update')).toHaveLength(1);
    // Nobody could know while it was away: what the first picture shows is said again.
    const counts = door.news.filter((word) => word.startsWith('count'));
    expect(counts).toEqual(['count 0/0', 'count 1/1', 'count 1/1']);
    door.stop();
    await door.over;
    expect(door.events.at(-1)).toMatchObject({ type: 'end', reason: 'stopped' });
    expect(readyOf(door.clips)?.id).toBe('e1');
  });

  it('for longer: the event ends where the camera did', async () => {
    await using door = new Scripted({ event: { preRollMs: 0, postRollMs: 500, settleMs: 0 } });
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    door.lose();
    await door.heard('end source');
    await door.heard('ready');
    expect(readyOf(door.clips)?.durationMs).toBe(1000);
    expect(door.news).toContain('count 0/1');
  });

  it('and comes back with another picture: the event ends, the next one is another', async () => {
    await using door = new Scripted();
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    await door.recording();
    door.open({ ...FORMAT, record: { widthPx: 64, heightPx: 64, fps: 5 } });
    expect(door.news).toContain('end source');
    await door.heard('ready');
  });
});

describe('the end', () => {
  it('of the input ends the event as of its source', async () => {
    await using door = new Scripted();
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    door.endInput();
    expect(await door.over).toBeUndefined();
    expect(door.events.at(-1)).toMatchObject({ type: 'end', reason: 'source' });
    expect(readyOf(door.clips)?.id).toBe('e1');
  });

  it('by a mistake of ours is told by `run`, and the clip is complete all the same', async () => {
    await using door = new Scripted();
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    door.onNews = (word) => {
      if (word === 'count 2/2') throw new Error('a mistake');
    };
    door.show(5, PERSON, { ...PERSON, box: { x: 0.05, y: 0.2, w: 0.15, h: 0.6 } });
    expect(await door.over).toEqual(new Error('a mistake'));
    expect(readyOf(door.clips)?.id).toBe('e1');
    expect(door.leased).toBe(0);
  });

  it('by a listener that throws whatever it is told still leaves nothing behind', async () => {
    await using door = new Scripted();
    door.open();
    door.show(5, PERSON);
    await door.recording();
    door.onNews = () => {
      throw new Error('a mistake');
    };
    door.show(1, PERSON, { ...PERSON, box: { x: 0.05, y: 0.2, w: 0.15, h: 0.6 } });
    door.stop();
    expect(await door.over).toEqual(new Error('a mistake'));
    expect(door.leased).toBe(0);
  });

  it('of the room on the disk ends the clip, not the event', async () => {
    await using door = new Scripted();
    door.open();
    door.show(5, PERSON);
    await door.heard('start');
    await door.recording();
    door.pipeline.cutShort('the disk is full');
    door.show(3, PERSON);
    expect(door.news).not.toContain('end left');
    door.show(8);
    expect(door.news).toContain('end left');
    await door.heard('failed');
    expect(door.clips.at(-1)).toMatchObject({ type: 'failed', reason: 'the disk is full' });
  });
});

describe('figures', () => {
  it('only grow, and whoever reads them takes nothing from the next reader', async () => {
    await using door = new Scripted();
    door.open();
    door.show(3);
    const before = door.pipeline.figures.counters;
    expect(before).toMatchObject({ pictures: 3, answers: 3, drops: 0, latencyMs: 10 });
    expect(door.pipeline.figures.counters).toEqual(before);
    door.show(2);
    expect(door.pipeline.figures.counters).toMatchObject({ pictures: 5, answers: 5 });
    expect(before.pictures).toBe(3);
  });
});
