import { mkdir, readdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Child } from '../../src/lib/child.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { GENESIS, hashOf } from '../../src/store/ledger/chain.ts';
import { Store } from '../../src/store/store.ts';
import { facts, DAY, listeningLog, openStore, record, START_MS, tempFolder } from './folder.ts';

const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;
const ids = (store: Store): string[] => store.list({ limit: 50 }).events.map(({ id }) => id);

async function fill(dir: string, count: number): Promise<void> {
  await using store = await openStore(dir);
  for (let n = 0; n < count; n += 1) {
    const startedAt = new Date(START_MS + n).toISOString();
    await store.create('front', idOf(n), START_MS);
    await store.save(facts('ready', { id: idOf(n), startedAt }));
  }
}

describe('the index', () => {
  it('is all that a start reads of closed events, and pages through them with what is open', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 3);
    // Same size, same time: nothing that a start would have to read, so it does not see this.
    const path = join(data.dir, DAY, 'front', idOf(0), 'event.json');
    const at = new Date(START_MS);
    await utimes(path, at, at);
    await fill(data.dir, 0);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"people":1', '"people":7'));
    await utimes(path, at, at);
    await using store = await openStore(data.dir);
    await store.save(facts('open', { id: idOf(9), startedAt: new Date(START_MS + 1).toISOString() }));
    expect(ids(store)).toEqual([2, 9, 1, 0].map(idOf));
    expect(store.event(idOf(0))?.record?.people).toBe(1);
    const first = store.list({ limit: 2 });
    expect(first.events.map(({ id }) => id)).toEqual([2, 9].map(idOf));
    const second = store.list({ limit: 2, cursor: first.next ?? '' });
    expect(second.events.map(({ id }) => id)).toEqual([1, 0].map(idOf));
    expect(second.next).toBeUndefined();
    await store.save(facts('ready', { id: idOf(9), startedAt: new Date(START_MS + 1).toISOString() }));
  });

  it.each([
    ['gone', async (path: string) => await rm(path)],
    ['gone, but for its log', async (path: string) => await leaveLog(path)],
    ['empty', async (path: string) => await truncate(path, 0)],
    ['no database', async (path: string) => await writeFile(path, 'x'.repeat(20_000))],
    ['cut in the middle', async (path: string) => await truncate(path, 9000)],
    ['of a later version', async (path: string) => setVersion(path, 99)],
    ['of another shape', async (path: string) => execute(path, 'DROP TABLE records')],
    ['a folder', async (path: string) => await rm(path).then(() => mkdir(path))],
  ])('that is %s is made anew, with one sentence', async (how, breakIt) => {
    await using data = await tempFolder();
    await fill(data.dir, 3);
    await breakIt(join(data.dir, 'index.sqlite'));
    const { log, lines } = listeningLog();
    await using store = await openStore(data.dir, log);
    expect(ids(store)).toEqual([2, 1, 0].map(idOf));
    expect(store.problem).toBeUndefined();
    const isSilent = how.startsWith('gone') || how === 'empty';
    expect(lines.map(({ msg }) => msg)).toEqual(isSilent ? [] : [expect.stringContaining('made anew') as string]);
    const aside = (await readdir(data.dir)).filter((name) => /^index\.sqlite\.broken-\d{8}T\d{6}Z$/.test(name));
    expect(aside).toHaveLength(isSilent ? 0 : 1);
  });

  it('that breaks again and again is kept three times', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 1);
    for (let minute = 0; minute < 5; minute += 1) {
      await truncate(join(data.dir, 'index.sqlite'), 9000);
      const clock = { ...systemClock, atMs: () => START_MS + minute * 60_000 };
      await using _store = await Store.open({ dir: data.dir, clock, log: listeningLog().log });
    }
    const aside = (await readdir(data.dir)).filter((name) => name.includes('broken')).sort();
    expect(aside).toHaveLength(3);
    expect(aside.at(-1)).toBe('index.sqlite.broken-20261121T000359Z');
  });

  it('takes over what changed in the folders while nobody ran', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 3);
    const day = join(data.dir, DAY, 'front');
    await rm(join(day, idOf(0)), { recursive: true });
    const path = join(day, idOf(1), 'event.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"people":1', '"people":7777'));
    await mkdir(join(day, idOf(5)));
    await writeFile(join(day, idOf(5), 'event.json'), JSON.stringify(record('ready', { id: idOf(5) })));
    await using store = await openStore(data.dir);
    expect(ids(store)).toEqual([2, 1, 5].map(idOf));
    expect(store.event(idOf(1))?.record?.people).toBe(7777);
  });

  it('that fails on the way leaves events in memory, says so, and the next start has them all', async () => {
    await using data = await tempFolder();
    const { log, lines } = listeningLog();
    {
      await using store = await openStore(data.dir, log);
      await store.save(facts('ready', { id: idOf(1) }));
      execute(join(data.dir, 'index.sqlite'), 'DROP TABLE records');
      await store.save(facts('ready', { id: idOf(2) }));
      expect(store.event(idOf(2))?.record?.state).toBe('ready');
      expect(store.problem).toContain('index');
      await expect.poll(() => ids(store)).toEqual([2, 1].map(idOf));
    }
    expect(lines.filter(({ level }) => level >= 40)).toHaveLength(1);
    await using again = await openStore(data.dir);
    expect(ids(again)).toEqual([2, 1].map(idOf));
  });
});

describe('without SQLite', () => {
  it('everything works from the folders, with one sentence, and a good index is left alone', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 3);
    // As on a machine for which better-sqlite3 was not built.
    const broken = 'process.dlopen = () => { throw Object.assign(new Error("not built"), { code: "ERR_DLOPEN_FAILED" }); };';
    const args = ['--import', `data:text/javascript,${broken}`, '--import', import.meta.resolve('tsx')];
    const script = join(import.meta.dirname, 'open-store.ts');
    await using child = await Child.start({
      name: 'open-store',
      command: process.execPath,
      args: [...args, script, data.dir],
      stdin: 'ignore',
      dieWithParent: true,
    });
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    const { before, after, logged } = JSON.parse(text) as { before: string[]; after: string[]; logged: string[] };
    expect(before).toEqual([2, 1, 0].map(idOf));
    expect(after).toEqual([7, 2, 0].map(idOf));
    expect(logged).toEqual([expect.stringContaining('SQLite does not load here')]);
    await using store = await openStore(data.dir);
    expect(ids(store)).toEqual([7, 2, 0].map(idOf));
    expect((await readdir(data.dir)).filter((name) => name.includes('broken'))).toEqual([]);
  });
});

describe('the chain of a camera', () => {
  it('links closed events in the order of closing, per camera and over restarts', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    await rm(join(data.dir, 'index.sqlite'));
    await using store = await openStore(data.dir);
    await store.save(facts('ready', { id: idOf(3), camera: 'back' }));
    await Promise.all([5, 4].map(async (n) => await store.save(facts('ready', { id: idOf(n) }))));
    const chains = [0, 1, 5, 4].map((n) => store.event(idOf(n))?.record?.chain);
    expect(chains.map((chain) => chain?.seq)).toEqual([1, 2, 3, 4]);
    expect(chains.map((chain) => chain?.previous)).toEqual([GENESIS, ...chains.slice(0, 3).map((chain) => chain?.hash)]);
    expect(store.event(idOf(3))?.record?.chain).toMatchObject({ seq: 1, previous: GENESIS });
    const event = store.event(idOf(4))!.record!;
    expect(hashOf(event, event.chain!)).toBe(event.chain?.hash);
    const ledger = (await readFile(join(data.dir, 'ledger', 'front.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(ledger.map((line) => (JSON.parse(line) as { closed: string }).closed)).toEqual([0, 1, 5, 4].map(idOf));
  });

  it('is not broken by a second save, protection, or a ledger that was lost', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    await rm(join(data.dir, 'ledger'), { recursive: true });
    {
      await using store = await openStore(data.dir);
      const before = store.event(idOf(1))?.record?.chain;
      const [again, protectedOne] = await Promise.all([
        store.save(facts('ready', { id: idOf(1), people: 99, startedAt: new Date(START_MS + 1).toISOString() })),
        store.protect(idOf(1), true),
      ]);
      expect(again.chain).toEqual(before);
      expect(protectedOne?.protected).toBe(true);
      expect(store.event(idOf(1))?.record).toMatchObject({ people: 99, protected: true, chain: before });
      await store.save(facts('ready', { id: idOf(2) }));
      expect(store.event(idOf(2))?.record?.chain).toMatchObject({ seq: 3, previous: before?.hash });
    }
    const ledger = (await readFile(join(data.dir, 'ledger', 'front.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(ledger.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3]);
    await using again = await openStore(data.dir);
    expect(again.event(idOf(1))?.record).toMatchObject({ protected: true });
  });

  it('cuts a torn last line of the ledger and goes on', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    const path = join(data.dir, 'ledger', 'front.jsonl');
    await truncate(path, Buffer.byteLength(await readFile(path)) - 20);
    await fill(data.dir, 0);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2]);
  });
});

describe('deleting', () => {
  it('leaves a tombstone, nothing on the disk, and no hole in the chain', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    await using store = await openStore(data.dir);
    const gone: string[] = [];
    store.onDelete((id) => gone.push(id));
    await writeFile(join(store.event(idOf(1))?.folder ?? '', '00000.m4s'), 'video');
    expect(await store.delete(idOf(1), 'age')).toBe('deleted');
    expect(await store.delete(idOf(1), 'age')).toBe('unknown');
    expect(gone).toEqual([idOf(1)]);
    expect(ids(store)).toEqual([idOf(0)]);
    expect(await readdir(join(data.dir, '.trash'))).toEqual([]);
    const lines = (await readFile(join(data.dir, 'ledger', 'front.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ deleted: idOf(1), seq: 2, reason: 'age' });
    await store.save(facts('open', { id: idOf(9) }));
    expect(await store.delete(idOf(9), 'asked')).toBe('open');
    await store.save(facts('ready', { id: idOf(9) }));
    expect(store.event(idOf(9))?.record?.chain?.seq).toBe(3);
  });

  it('is finished by the next start, and follows no link', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    const outside = join(data.dir, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), 'x');
    const day = join(data.dir, DAY, 'front');
    await symlink(outside, join(day, idOf(1), 'link'));
    await mkdir(join(data.dir, '.trash'));
    await rename(join(day, idOf(0)), join(data.dir, '.trash', idOf(0)));
    await symlink(outside, join(data.dir, '.trash', 'link'));
    const tombstone = { deleted: idOf(1), day: '2026/11/20', seq: 2, bytes: 1, reason: 'age', at: new Date(0).toISOString() };
    await writeFile(join(data.dir, 'ledger', 'front.jsonl'), `${JSON.stringify(tombstone)}\n`, { flag: 'a' });
    await using store = await openStore(data.dir);
    expect(ids(store)).toEqual([]);
    expect(await readdir(join(data.dir, '.trash'))).toEqual([]);
    expect(await readdir(outside)).toEqual(['kept']);
  });
});

describe('the identity of a data folder', () => {
  it('is minted once, also for a folder from before, and refused where another is wanted', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 1);
    await rm(join(data.dir, 'lookout.json'));
    const { id } = await openWith(data.dir);
    expect(JSON.parse(await readFile(join(data.dir, 'lookout.json'), 'utf8'))).toMatchObject({ schema: 1, id });
    expect((await openWith(data.dir, id)).id).toBe(id);
    await expect(openWith(data.dir, 'another-one')).rejects.toThrow('storage.id says another-one');
    await expect(openWith(join(data.dir, 'empty'), id)).rejects.toMatchObject({
      hint: expect.stringContaining('mounted') as string,
    });
    expect(await readdir(data.dir)).not.toContain('empty');
  });

  it('that is gone keeps everything from being written, until it is back', async () => {
    await using data = await tempFolder();
    const dir = join(data.dir, 'data');
    const { log, lines } = listeningLog();
    {
      await using store = await openStore(dir, log);
      await store.save(facts('ready', { id: idOf(1) }));
      await rename(dir, join(data.dir, 'unmounted'));
      await mkdir(dir);
      await expect(store.create('front', idOf(8), START_MS)).rejects.toThrow('is the disk mounted?');
      await store.save(facts('failed', { id: idOf(2) }));
      store.retry();
      await expect.poll(() => store.problem).toContain('is the disk mounted?');
      expect(await store.delete(idOf(1), 'age').catch(() => 'refused')).toBe('refused');
      expect(await readdir(dir)).toEqual([]);
      await rm(dir, { recursive: true });
      await rename(join(data.dir, 'unmounted'), dir);
      await expect.poll(() => (store.retry(), store.problem)).toBeUndefined();
      await store.create('front', idOf(3), START_MS);
    }
    expect(lines.map(({ msg }) => msg)).toContain('the data folder is back: recording goes on');
    await using again = await openStore(dir);
    expect(ids(again)).toEqual([2, 1].map(idOf));
  });
});

async function openWith(dir: string, id?: string): Promise<{ id: string }> {
  await using store = await Store.open({ dir, id, clock: systemClock, log: listeningLog().log });
  return { id: store.id };
}

/** Somebody deletes the index of a Lookout that was killed, and not what lies beside it. */
async function leaveLog(path: string): Promise<void> {
  const db = new Sqlite(path);
  db.exec('DELETE FROM records');
  const log = await readFile(`${path}-wal`);
  db.close();
  await rm(path);
  await writeFile(`${path}-wal`, log);
}

function execute(path: string, sql: string): void {
  const db = new Sqlite(path);
  db.exec(sql);
  db.close();
}

function setVersion(path: string, version: number): void {
  execute(path, `PRAGMA user_version = ${version}`);
}
