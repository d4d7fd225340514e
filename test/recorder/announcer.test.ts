import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Bell } from '../../src/lib/bell.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ClipMessage } from '../../src/messages/clip.ts';
import { Announcer } from '../../src/recorder/announcer.ts';
import { pictureBytes } from '../../src/ring/ring-plan.ts';
import { person, tracked } from './film.ts';

const SIZE = { widthPx: 64, heightPx: 48 };

/** An announcer whose pictures are there at once, or when `develop` is called; its wait for one is over when `pass` is called. */
async function announcer({ isDeveloped = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-announcer-'));
  const messages: ClipMessage[] = [];
  const [developed, passed] = [new Bell(), new Bell()];
  const clock: Clock = { ...systemClock, sleep: async (_ms, signal) => await passed.next(signal) };
  const asked: number[] = [];
  let released = 0;
  const load = async (): Promise<Uint8Array> => {
    if (!isDeveloped) await developed.next();
    return new Uint8Array(pictureBytes(SIZE)).fill(128);
  };
  const still = (ptsMs: number) => {
    asked.push(ptsMs);
    return { load, release: () => (released += 1) };
  };
  const onMessage = (message: ClipMessage): number => messages.push(message);
  const one = new Announcer({ id: 'a', folder, size: SIZE, still, clock, log: silentLogger, onMessage });
  return {
    one,
    folder,
    asked,
    types: () => messages.map(({ type }) => type),
    develop: () => developed.ring(),
    pass: () => passed.ring(),
    released: () => released,
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

describe('Announcer', () => {
  it('says live once the first picture is made, and no second time', async () => {
    await using parts = await announcer();
    const { one, folder, types } = parts;
    one.see(tracked(5, [person(1)]));
    one.listed(2000);
    one.listed(2000);
    await one.settled();
    expect(types()).toEqual(['snapshot', 'live']);
    expect((await readdir(folder)).sort()).toEqual([...one.files].sort());
    expect(one.files).toHaveLength(3);
    expect(parts.released()).toBe(1);
  });

  it('does not wait longer than its time for a picture', async () => {
    await using parts = await announcer({ isDeveloped: false });
    const { one, types } = parts;
    one.see(tracked(5, [person(1)]));
    one.listed(2000);
    parts.pass();
    await expect.poll(types).toEqual(['live']);
    expect(one.files).toEqual([]);
    parts.develop();
    await one.settled();
    expect(types()).toEqual(['live', 'snapshot']);
  });

  it('asks for a better picture that had to wait when there is no more to see', async () => {
    await using parts = await announcer();
    const { one, asked } = parts;
    one.see(tracked(5, [person(1, { score: 0.4 })]));
    one.see(tracked(6, [person(1, { score: 0.9 })]));
    expect(asked).toEqual([1000]);
    one.seeNoMore();
    one.seeNoMore();
    expect(asked).toEqual([1000, 1200]);
    await one.settled();
  });

  it('answers those who wait to watch: yes with the first segment, no when none will come, and never takes it back', async () => {
    await using parts = await announcer();
    await using other = await announcer();
    const signal = AbortSignal.timeout(5000);
    const waiting = [parts.one.whenPlayable(signal), other.one.whenPlayable(signal)];
    parts.one.listed(0);
    other.one.close();
    expect(await Promise.all(waiting)).toEqual([true, false]);
    parts.one.close();
    other.one.listed(0);
    expect(await parts.one.whenPlayable(signal)).toBe(true);
    expect(await other.one.whenPlayable(signal)).toBe(false);
    await parts.one.settled();
    expect(other.types()).toEqual([]);
  });
});
