import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import type { OpenClip } from '../../../src/messages/clip.ts';
import type { StorageView } from '../../../src/messages/health.ts';
import { type KeeperOptions, StorageKeeper } from '../../../src/store/retention/keeper.ts';
import type { Limits } from '../../../src/store/retention/retention.ts';
import { Store } from '../../../src/store/store.ts';
import { expectNoLeftovers } from '../../leftovers.ts';
import { facts, listeningLog, record, tempFolder } from '../folder.ts';
import { mountSmallDisk } from '../small-disk.ts';

expectNoLeftovers();

const DAY_MS = 86_400_000;
const NO_LIMITS: Limits = { keepDays: 0, maxBytes: 0, minFreePercent: 0, whenFull: 'delete-oldest', cameras: new Map() };
const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;

class MovedClock implements Clock {
  leapMs = 0;
  passedMs = 0;
  nowMs = (): number => systemClock.nowMs() + this.passedMs;
  atMs = (): number => systemClock.atMs() + this.leapMs + this.passedMs;
  sleep: Clock['sleep'] = async (ms, signal) => await systemClock.sleep(ms, signal);
}

interface Room extends AsyncDisposable {
  readonly store: Store;
  readonly keeper: StorageKeeper;
  readonly clock: MovedClock;
  readonly views: StorageView[];
  readonly full: (string | undefined)[];
  readonly messages: () => string[];
}

/** A store with `count` closed events of 100 kB each, a day apart, the newest of now, and a keeper that had its first look. */
async function openRoom(dir: string, options: { count?: number; limits: Limits; clock?: MovedClock }): Promise<Room> {
  const { count = 0, limits, clock = new MovedClock() } = options;
  const { log, lines } = listeningLog();
  const store = await Store.open({ dir, clock, log });
  for (let n = 0; n < count; n += 1) await addEvent(store, n, { ageDays: count - 1 - n });
  const views: StorageView[] = [];
  const full: (string | undefined)[] = [];
  const given: KeeperOptions = {
    store,
    limits,
    clock,
    log,
    onState: (view) => views.push(view),
    onFull: (camera) => full.push(camera),
  };
  const keeper = await StorageKeeper.open(given);
  return {
    store,
    keeper,
    clock,
    views,
    full,
    messages: () => lines.map(({ msg }) => msg),
    [Symbol.asyncDispose]: async () => {
      await keeper[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

async function addEvent(store: Store, n: number, { ageDays = 0, bytes = 100_000 } = {}): Promise<void> {
  const startMs = Date.now() - ageDays * DAY_MS - 1000;
  const folder = await store.create('front', idOf(n), startMs);
  await writeFile(join(folder, '00000.m4s'), Buffer.alloc(bytes));
  const files = [{ name: '00000.m4s', bytes, sha256: 'ab', startMs: 0, durationMs: 1000 }];
  await store.save(facts('ready', { id: idOf(n), startedAt: new Date(startMs).toISOString(), files }));
}

/** An event that is being recorded. */
async function openEvent(store: Store, n: number): Promise<string> {
  const folder = await store.create('front', idOf(n), Date.now());
  const clip: OpenClip = { id: idOf(n), folder, playlist: () => undefined, whenPlayable: async () => true, tracks: () => [] };
  store.attach(idOf(n), clip);
  await store.save(facts('open', { id: idOf(n), startedAt: new Date().toISOString() }));
  return folder;
}

const numbers = (store: Store): number[] => store.list({ limit: 50 }).events.map(({ id }) => Number(id.slice(-6)));

async function looked(room: Room): Promise<void> {
  room.clock.passedMs += 61_000;
  room.keeper.tick();
  await room.keeper.admit('front').catch(() => undefined);
}

describe('retention', () => {
  it('deletes at the start what is too old, with its folders, and leaves what is protected', async () => {
    await using data = await tempFolder();
    {
      await using room = await openRoom(data.dir, { count: 6, limits: NO_LIMITS });
      await room.store.protect(idOf(0), true);
    }
    await using room = await openRoom(data.dir, { limits: { ...NO_LIMITS, keepDays: 3 } });
    expect(numbers(room.store)).toEqual([5, 4, 3, 0]);
    const days = (await readdir(join(data.dir, 'events'), { recursive: true })).filter((path) => /\d{4}\/\d\d\/\d\d$/.test(path));
    expect(days).toHaveLength(4);
    expect(room.messages()).toEqual(['old events deleted']);
    expect(room.keeper.view).toMatchObject({ state: 'ok', events: 4 });
  });

  it('leaves what was protected since it looked', async () => {
    await using data = await tempFolder();
    await using room = await openRoom(data.dir, { count: 3, limits: NO_LIMITS });
    expect(await room.store.protect(idOf(0), true)).toMatchObject({ protected: true });
    expect(await room.store.delete(idOf(0), 'space')).toBe('protected');
    expect(await room.store.delete(idOf(0), 'asked')).toBe('deleted');
    expect(numbers(room.store)).toEqual([2, 1]);
  });

  it('loses nothing for an event.json that says more than its files take', async () => {
    await using data = await tempFolder();
    for (let n = 0; n < 130; n += 1) {
      const folder = join(data.dir, 'events', '2026', '11', '20', 'front', idOf(n));
      await mkdir(folder, { recursive: true });
      const bytes = n === 129 ? 9e12 : 1;
      const files = [{ name: 'snapshot.jpg', bytes, sha256: 'ab', startMs: 0, durationMs: 0 }];
      await writeFile(join(folder, 'event.json'), JSON.stringify(record('failed', { id: idOf(n), files })));
    }
    await using room = await openRoom(data.dir, { limits: { ...NO_LIMITS, maxBytes: 1_000_000_000 } });
    expect(room.store.shelf.count).toBe(130);
  });

  it('makes room before a recording begins and while it grows, never of the recording itself', async () => {
    await using data = await tempFolder();
    await using room = await openRoom(data.dir, { count: 4, limits: { ...NO_LIMITS, maxBytes: 420_000 } });
    expect(numbers(room.store)).toEqual([3, 2, 1, 0]);
    const folder = await openEvent(room.store, 9);
    await writeFile(join(folder, '00000.m4s'), Buffer.alloc(150_000));
    await room.keeper.admit('front');
    expect(numbers(room.store)).toEqual([9, 3, 2]);
    await writeFile(join(folder, '00001.m4s'), Buffer.alloc(50_000));
    await room.keeper.admit('front');
    // 200 kB now, and twice what it grew until the next look.
    expect(numbers(room.store)).toEqual([9, 3]);
    expect([room.keeper.view.state, room.full]).toEqual(['ok', []]);
    await writeFile(join(folder, '00002.m4s'), Buffer.alloc(250_000));
    await room.keeper.admit('front').catch(() => undefined);
    expect([numbers(room.store), room.full]).toEqual([[9], [undefined]]);
    await room.store.save(facts('failed', { id: idOf(9) }));
  });

  it('stops what is recorded and refuses what would be, where nothing may go', async () => {
    await using data = await tempFolder();
    await using room = await openRoom(data.dir, { count: 2, limits: { ...NO_LIMITS, maxBytes: 150_000, whenFull: 'stop' } });
    expect(room.views.map(({ state }) => state)).toEqual(['full']);
    expect(room.full).toEqual([undefined]);
    expect(room.keeper.problems).toEqual([expect.stringContaining('the disk is full')]);
    await expect(room.keeper.admit('front')).rejects.toThrow('the disk is full: events take all of storage.maxBytes');
    expect(numbers(room.store)).toEqual([1, 0]);
    await room.store.delete(idOf(0), 'asked');
    await room.keeper.admit('front');
    expect(room.views.map(({ state }) => state)).toEqual(['full', 'ok']);
    expect(room.messages()).toContain('there is room again');
  });

  it('deletes nothing for its age after the clock leapt, also over a restart, and says so once', async () => {
    await using data = await tempFolder();
    const clock = new MovedClock();
    const limits = { ...NO_LIMITS, keepDays: 3 };
    {
      await using room = await openRoom(data.dir, { count: 3, limits, clock });
      clock.leapMs = 400 * DAY_MS;
      await looked(room);
      await looked(room);
      expect(numbers(room.store)).toEqual([2, 1, 0]);
      expect(room.messages().filter((msg) => msg.includes('leapt'))).toHaveLength(1);
    }
    expect(JSON.parse(await readFile(join(data.dir, 'clock.json'), 'utf8'))).toHaveProperty('doubt');
    await using again = await openRoom(data.dir, { limits, clock });
    expect(numbers(again.store)).toEqual([2, 1, 0]);
    expect(again.messages().filter((msg) => msg.includes('leapt'))).toHaveLength(1);
  });

  it('counts what the disk says, not what event.json said once', async () => {
    await using data = await tempFolder();
    await using room = await openRoom(data.dir, { count: 2, limits: NO_LIMITS });
    await writeFile(join(room.store.event(idOf(0))?.folder ?? '', 'clip.mp4'), Buffer.alloc(500_000));
    const before = room.keeper.view.usedBytes;
    await looked(room);
    expect(room.keeper.view.usedBytes - before).toBe(500_000);
  });

  it('writes nothing while nothing happens', async () => {
    await using data = await tempFolder();
    await using room = await openRoom(data.dir, { count: 1, limits: { ...NO_LIMITS, keepDays: 7 } });
    await rm(join(data.dir, 'clock.json'));
    for (let n = 0; n < 5; n += 1) await looked(room);
    expect(await readdir(data.dir)).not.toContain('clock.json');
  });
});

describe('a small disk', () => {
  it('keeps its free space by deleting the oldest, and never runs full', async ({ skip }) => {
    await using disk = await mountSmallDisk(16_000_000);
    if (!disk) {
      skip('this account may not mount a disk');
      return;
    }
    await using room = await openRoom(disk.dir, { limits: { ...NO_LIMITS, minFreePercent: 25 } });
    for (let n = 0; n < 40; n += 1) {
      await room.keeper.admit('front');
      await addEvent(room.store, n, { bytes: 1_000_000 });
    }
    await room.keeper.admit('front');
    expect(numbers(room.store)[0]).toBe(39);
    expect(numbers(room.store).length).toBeGreaterThan(6);
    const { freeBytes, state } = room.keeper.view;
    expect(freeBytes).toBeGreaterThanOrEqual(4_000_000);
    expect(state).toBe('ok');
    expect(room.store.problem).toBeUndefined();
  });

  it('that is filled to its last byte by others gets room by deleting, and the ledger knows', async ({ skip }) => {
    await using disk = await mountSmallDisk(4_000_000);
    if (!disk) {
      skip('this account may not mount a disk');
      return;
    }
    await using room = await openRoom(disk.dir, { count: 5, limits: NO_LIMITS });
    expect(numbers(room.store)).toHaveLength(5);
    await writeFile(join(disk.dir, 'others'), Buffer.alloc(4_000_000)).catch(() => undefined);
    await writeFile(join(disk.dir, 'others2'), Buffer.alloc(1)).catch(() => undefined);
    await room.keeper.admit('front');
    expect(room.keeper.problems).toEqual([]);
    expect(numbers(room.store)).not.toContain(0);
    const ledger = (await readFile(join(disk.dir, 'ledger', 'front.jsonl'), 'utf8')).trimEnd().split('\n');
    const deleted = ledger.map((line) => JSON.parse(line) as { deleted?: string }).filter((line) => line.deleted !== undefined);
    expect(deleted).toHaveLength(5 - numbers(room.store).length);
    expect(room.store.problem).toBeUndefined();
  });

  it('that goes away is not written beneath', async ({ skip }) => {
    await using disk = await mountSmallDisk(16_000_000);
    if (!disk) {
      skip('this account may not mount a disk');
      return;
    }
    await using room = await openRoom(disk.dir, { count: 1, limits: { ...NO_LIMITS, keepDays: 7 } });
    await disk.unmount();
    await expect(room.store.create('front', idOf(5), Date.now())).rejects.toThrow('is the disk mounted?');
    await room.store.save(facts('failed', { id: idOf(5) }));
    await looked(room);
    expect(await readdir(disk.dir)).toEqual([]);
    // Who automates by this state hears that nothing is recorded.
    expect(room.views.at(-1)).toMatchObject({ state: 'full', freeBytes: 0 });
    room.store.retry();
    await expect.poll(() => room.store.problem).toContain('is the disk mounted?');
  });
});
