import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RetryableError, UserError } from '../../src/lib/errors.ts';
import type { OpenClip } from '../../src/messages/clip.ts';
import type { EventRecord } from '../../src/messages/event.ts';
import { facts, DAY, ID, leaveOpen, listeningLog, openStore, record, START_MS, tempFolder } from './folder.ts';

const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;

describe('an event', () => {
  it('lies in a folder by the UTC date of its start, and survives a restart', async () => {
    await using data = await tempFolder();
    const store = await openStore(data.dir);
    const folder = await store.create('front', ID, START_MS);
    expect(folder).toBe(join(data.dir, DAY, 'front', ID));
    expect(store.event(ID)?.folder).toBe(folder);
    expect(store.event(ID)?.record).toBeUndefined();
    expect(store.event(ID)).toEqual({ camera: 'front', record: undefined, folder, clip: undefined, isOpen: true });
    expect(store.event(idOf(2))).toBeUndefined();
    const saved = await store.save(facts('ready', { droppedFrames: 3 }));
    expect(saved).toMatchObject(record('ready', { droppedFrames: 3 }));
    await store[Symbol.asyncDispose]();

    expect(await readdir(folder)).toEqual(['event.json']);
    await using again = await openStore(data.dir);
    expect(again.event(ID)?.record).toEqual(saved);
    expect(again.event(ID)?.folder).toBe(folder);
    expect(again.recovered).toEqual([]);
  });

  it('is seen by everybody before the disk has it', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    await store.create('front', ID, START_MS);
    const seen: EventRecord[] = [];
    const stop = store.onChange((event) => seen.push(event));
    const saving = store.save(facts('open'));
    expect(seen.map(({ state }) => state)).toEqual(['open']);
    expect(store.list({ limit: 10 }).events).toHaveLength(1);
    await saving;
    stop();
    await store.save(facts('ready'));
    expect(seen).toHaveLength(1);
  });

  it('keeps the newest of many saves on disk', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    const folder = await store.create('front', ID, START_MS);
    await Promise.all(Array.from({ length: 20 }, (_, people) => store.save(facts('open', { people }))));
    expect(JSON.parse(await readFile(join(folder, 'event.json'), 'utf8'))).toMatchObject({ people: 19, revision: 20 });
    await store.save(facts('ready'));
  });

  it.each(['ready', 'failed'] as const)('has its clip in memory until %s', async (state) => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    const folder = await store.create('front', ID, START_MS);
    const clip: OpenClip = { id: ID, folder, playlist: () => undefined, whenPlayable: async () => true, tracks: () => [] };
    store.attach(ID, clip);
    await store.save(facts('ended'));
    expect(store.event(ID)).toMatchObject({ folder, clip, isOpen: true, record: { state: 'ended' } });
    await store.save(facts(state));
    expect(store.event(ID)).toMatchObject({ folder, clip: undefined, isOpen: false, record: { state } });
  });

  it.each([
    ['../front', ID],
    ['', ID],
    ['front', '../../../../etc'],
    ['front', `${ID}x`],
    ['front', ID.toLowerCase()],
  ])('is not made for camera "%s" and id "%s"', async (camera, id) => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    await expect(store.create(camera, id, START_MS)).rejects.toThrow(TypeError);
    expect(await readdir(join(data.dir, 'events'))).toEqual([]);
  });
});

describe('the list', () => {
  it('is newest first, by camera and time, page by page, also when starts are equal', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    for (const n of [3, 0, 4, 1, 2]) {
      const startedAt = new Date(START_MS + (n === 4 ? 3 : n)).toISOString();
      await store.save(facts('ready', { id: idOf(n), startedAt, camera: n % 2 ? 'back' : 'front' }));
    }
    const ids = (query: Parameters<typeof store.list>[0]): string[] => store.list(query).events.map(({ id }) => id);
    expect(ids({ limit: 10 })).toEqual([4, 3, 2, 1, 0].map(idOf));
    expect(ids({ limit: 10, camera: 'back' })).toEqual([3, 1].map(idOf));
    expect(ids({ limit: 10, fromMs: START_MS + 1, toMs: START_MS + 3 })).toEqual([2, 1].map(idOf));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = store.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.events.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(found).toEqual([4, 3, 2, 1, 0].map(idOf));
    expect(() => store.list({ limit: 2, cursor: 'nonsense' })).toThrow(UserError);
  });

  it('follows an event whose start changes', async () => {
    await using data = await tempFolder();
    await using store = await openStore(data.dir);
    await store.save(facts('open'));
    await store.save(facts('ready', { startedAt: new Date(START_MS + 9).toISOString() }));
    expect(store.list({ limit: 10 }).events).toHaveLength(1);
  });
});

describe('opening', () => {
  it('leaves folders alone that it cannot read, with one line', async () => {
    await using data = await tempFolder();
    await leaveOpen(data.dir, { state: 'ready' });
    const day = join(data.dir, DAY, 'front');
    for (const [n, text] of ['', '{"schema":1', 'null', '[]', '{"schema":2}', JSON.stringify(record('ready'))].entries()) {
      await mkdir(join(day, idOf(100 + n)));
      await writeFile(join(day, idOf(100 + n), 'event.json'), text);
    }
    await mkdir(join(day, idOf(200)));
    await mkdir(join(day, 'not-an-id'));
    await writeFile(join(data.dir, DAY, 'stray'), 'x');
    await symlink('/etc', join(day, idOf(300)));
    const { log, lines } = listeningLog();
    await using store = await openStore(data.dir, log);
    expect(store.list({ limit: 10 }).events.map(({ id }) => id)).toEqual([ID]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ count: 6, msg: expect.stringContaining('left alone') as string });
    // An empty one is what a crash leaves before the first file.
    expect(await readdir(day)).toHaveLength(9);
  });

  it('refuses a path that is no folder, with path and cure', async () => {
    await using data = await tempFolder();
    const path = join(data.dir, 'file');
    await writeFile(path, 'x');
    const error: unknown = await openStore(path).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(path);
    expect((error as UserError).hint).toContain('--data');
  });

  it('refuses a folder that cannot be written', async () => {
    // /proc refuses even root.
    await expect(openStore('/proc/lookout')).rejects.toThrow('/proc/lookout cannot be written');
  });

  it('refuses a link to a disk that is not there', async () => {
    await using data = await tempFolder();
    await symlink(join(data.dir, 'not-mounted'), join(data.dir, 'data'));
    await expect(openStore(join(data.dir, 'data'))).rejects.toThrow(UserError);
  });

  it.skipIf(process.getuid?.() === 0)('refuses a folder of somebody else', async () => {
    await using data = await tempFolder();
    await chmod(data.dir, 0o500);
    await expect(openStore(data.dir)).rejects.toThrow(UserError);
    await chmod(data.dir, 0o700);
  });
});

describe('a disk that fails', () => {
  it('rejects create, never save, is said once, and is made up for when it is well again', async () => {
    await using data = await tempFolder();
    const { log, lines } = listeningLog();
    const store = await openStore(data.dir, log);
    const events = join(data.dir, 'events');
    await rm(events, { recursive: true });
    await writeFile(events, 'in the way');

    await expect(store.create('front', ID, START_MS)).rejects.toThrow(RetryableError);
    await store.save(facts('open'));
    await store.save(facts('failed', { id: idOf(7) }));
    expect(store.event(ID)?.record).toMatchObject({ state: 'open' });
    expect(store.problem).toContain('ENOTDIR');
    expect(lines.map(({ msg }) => msg)).toEqual(['an event could not be written to disk']);

    await rm(events);
    await store.save(facts('ready'));
    expect(store.problem).toBeUndefined();
    await store[Symbol.asyncDispose]();
    expect(lines.map(({ msg }) => msg)).toEqual(['an event could not be written to disk', 'events can be written to disk again']);
    await using again = await openStore(data.dir);
    expect(again.list({ limit: 10 }).events.map(({ id, state }) => [id, state])).toEqual([
      [idOf(7), 'failed'],
      [ID, 'ready'],
    ]);
  });
});
