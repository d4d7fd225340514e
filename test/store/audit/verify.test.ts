import { copyFile, mkdir, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/log.ts';
import type { ClipFile } from '../../../src/messages/clip.ts';
import type { EventRecord } from '../../../src/messages/event.ts';
import type { FindingKind } from '../../../src/store/audit/finding.ts';
import { repair } from '../../../src/store/audit/repair.ts';
import { type Report, verify } from '../../../src/store/audit/verify.ts';
import { expectNoLeftovers } from '../../leftovers.ts';
import { facts, decode, makeClip, openStore, record, type TempFolder, tempFolder } from '../folder.ts';

expectNoLeftovers();

const START_MS = Date.UTC(2026, 10, 20, 12);
const DAY = join('events', '2026', '11', '20', 'front');
const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;
const BROKEN = 2;

let clip: TempFolder;
let names: string[];
beforeAll(async () => {
  clip = await tempFolder();
  await makeClip(clip.dir);
  names = (await readdir(clip.dir)).sort();
});
afterAll(async () => await clip[Symbol.asyncDispose]());

/** Four events with a real clip of five seconds each, the first one deleted. */
async function fill(dir: string): Promise<void> {
  await using store = await openStore(dir);
  for (let n = 0; n < 4; n += 1) {
    const folder = await store.create('front', idOf(n), START_MS);
    const files: ClipFile[] = [];
    for (const name of names) {
      await copyFile(join(clip.dir, name), join(folder, name));
      const bytes = await readFile(join(folder, name));
      const isSegment = name.endsWith('.m4s');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const startMs = isSegment ? Number.parseInt(name, 10) * 1000 : 0;
      files.push({ name, bytes: bytes.byteLength, sha256, startMs, durationMs: isSegment ? 1000 : 0 });
    }
    const startedAt = new Date(START_MS + n).toISOString();
    const more = { startedAt, endedAt: startedAt, durationMs: 5000, preRollMs: 0, reason: 'left' };
    await store.save(facts('ready', { id: idOf(n), ...more, files }));
  }
  await store.delete(idOf(0), 'age');
}

async function check(dir: string, isDeep = true): Promise<Report> {
  return await verify({ dir, isDeep, nowAtMs: systemClock.atMs() });
}

const kinds = (report: Report): FindingKind[] => [...new Set(report.findings.map(({ kind }) => kind))].sort();

async function mend(dir: string, isPrune = false): Promise<string[]> {
  return await repair({ dir, isDeep: true, isPrune, clock: systemClock, log: silentLogger });
}

async function flipByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const at = Math.floor((await file.stat()).size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
  await file.close();
}

async function edit(path: string, change: (event: EventRecord) => unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as EventRecord))}\n`);
}

async function without(path: string, pattern: RegExp): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(pattern, ''));
}

describe('a folder in order', () => {
  it('has no findings, tells deleted from missing, and names the head of its chain; also beside who writes', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    const report = await check(data.dir);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ events: 3, files: 3 * names.length, isDeep: true });
    expect(report.chains.get('front')).toMatchObject({ head: { seq: 4 }, deleted: 1, repaired: 0, unlinked: 0 });
    await using store = await openStore(data.dir);
    await store.save(facts('open', { id: idOf(9) }));
    expect((await check(data.dir)).findings).toEqual([]);
    await store.save(facts('failed', { id: idOf(9) }));
    expect((await check(data.dir)).findings).toEqual([]);
    await expect(mend(data.dir)).rejects.toThrow('in use by another Lookout');
  });

  it('is refused where there are no events', async () => {
    await using data = await tempFolder();
    await expect(check(data.dir)).rejects.toThrow('There are no events');
    expect(await readdir(data.dir)).toEqual([]);
  });
});

const eventPath = (dir: string, name = ''): string => join(dir, DAY, idOf(BROKEN), name);

describe('a missing event', () => {
  it('is written off when asked to', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    await rm(eventPath(data.dir), { recursive: true });
    expect(await mend(data.dir, true)).toContain(`front/${idOf(BROKEN)}: written off, it is missing`);
    expect((await check(data.dir)).findings).toEqual([]);
  });

  it('of which only the number is known is written off, too', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    await rm(join(data.dir, 'ledger'), { recursive: true });
    expect(await mend(data.dir, true)).toContain('front/number 1: written off, it is missing');
    expect((await check(data.dir)).findings).toEqual([]);
  });
});

describe('damage', () => {
  const cases: [
    string,
    (dir: string) => Promise<unknown>,
    { found: FindingKind[]; isShallow?: boolean; left?: FindingKind[] },
  ][] = [
    [
      'a flipped byte',
      (dir) => flipByte(eventPath(dir, '00002.m4s')),
      { found: ['wrong content'], isShallow: false, left: ['wrong content'] },
    ],
    ['a missing segment', (dir) => rm(eventPath(dir, '00002.m4s')), { found: ['missing file'] }],
    ['a torn segment', (dir) => truncate(eventPath(dir, '00004.m4s'), 500), { found: ['wrong size'] }],
    ['a link in place of a segment', (dir) => linkInstead(eventPath(dir, '00002.m4s')), { found: ['missing file'] }],
    [
      'a missing event',
      (dir) => rm(eventPath(dir), { recursive: true }),
      { found: ['index', 'missing event'], left: ['missing event'] },
    ],
    [
      'an edited event.json',
      (dir) => edit(eventPath(dir, 'event.json'), (one) => ({ ...one, people: 7 })),
      { found: ['edited event', 'index'], left: ['edited event'] },
    ],
    [
      'an event.json edited with a new hash',
      (dir) => edit(eventPath(dir, 'event.json'), forged),
      { found: ['chain', 'edited event', 'index'], left: ['chain', 'edited event'] },
    ],
    [
      'a number in the chain that rotted',
      (dir) => edit(eventPath(dir, 'event.json'), (one) => ({ ...one, chain: { ...one.chain, seq: 2e9 } })),
      { found: ['edited event', 'index'], left: ['edited event'] },
    ],
    ['no event.json', (dir) => rm(eventPath(dir, 'event.json')), { found: ['index', 'missing event', 'unreadable event'] }],
    [
      'half an event.json',
      (dir) => truncate(eventPath(dir, 'event.json'), 300),
      { found: ['index', 'missing event', 'unreadable event'] },
    ],
    ['a playlist without its end', (dir) => without(eventPath(dir, 'index.m3u8'), /#EXT-X-ENDLIST\n/), { found: ['wrong size'] }],
    ['a playlist that is gone', (dir) => rm(eventPath(dir, 'index.m3u8')), { found: ['missing file'] }],
    ['a stray segment', (dir) => copyFile(eventPath(dir, '00002.m4s'), eventPath(dir, '00007.m4s')), { found: ['stray file'] }],
    ['a deleted index', (dir) => rm(join(dir, 'index.sqlite')), { found: ['index'] }],
    ['a broken index', (dir) => truncate(join(dir, 'index.sqlite'), 5000), { found: ['index'] }],
    [
      'a deleted ledger',
      (dir) => rm(join(dir, 'ledger'), { recursive: true }),
      { found: ['ledger', 'missing event'], left: ['missing event'] },
    ],
    ['a tombstone whose folder is there', (dir) => tombstone(dir), { found: ['unfinished deletion'] }],
    ['no identity', (dir) => rm(join(dir, 'lookout.json')), { found: ['identity'] }],
  ];

  it.each(cases)(
    '%s is found, and repaired as far as it can be',
    async (_what, breakIt, { found, isShallow = true, left = [] }) => {
      await using data = await tempFolder();
      await fill(data.dir);
      await breakIt(data.dir);
      expect(kinds(await check(data.dir))).toEqual([...found].sort());
      expect(kinds(await check(data.dir, false))).toEqual(isShallow ? [...found].sort() : []);
      await mend(data.dir);
      const after = await check(data.dir);
      expect(kinds(after)).toEqual([...left].sort());
      // The chain goes on, and stays in order.
      await using store = await openStore(data.dir);
      await store.save(facts('failed', { id: idOf(9) }));
      expect(kinds(await check(data.dir))).toEqual([...left].sort());
    },
  );

  it('that cost a segment leaves a clip that plays, an account of it, and a copy of what was cut', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    await rm(eventPath(data.dir, '00001.m4s'));
    await truncate(eventPath(data.dir, '00004.m4s'), 500);
    const done = await mend(data.dir);
    expect(done).toEqual([expect.stringMatching(/described anew without \d files that are lost/)]);
    const { durationMs, reason, files, chain } = JSON.parse(
      await readFile(eventPath(data.dir, 'event.json'), 'utf8'),
    ) as EventRecord;
    expect({ durationMs, reason, seq: chain?.seq }).toEqual({ durationMs: 3000, reason: 'left', seq: 3 });
    expect(files.map(({ name }) => name)).toContain('00003.m4s');
    expect((await decode(eventPath(data.dir, 'index.m3u8'))).frames).toBe(45);
    expect((await check(data.dir)).chains.get('front')).toMatchObject({ repaired: 1 });
    expect((await stat(join(data.dir, 'lost+found', 'front', idOf(BROKEN), '00004.m4s'))).size).toBe(500);
  });

  it('to an event.json leaves the event under its number, with the time of its id or playlist', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    await rm(eventPath(data.dir, 'event.json'));
    await mend(data.dir);
    await using store = await openStore(data.dir);
    expect(store.event(idOf(BROKEN))?.record).toMatchObject({
      state: 'ready',
      durationMs: 5000,
      chain: { seq: 3 },
      camera: 'front',
    });
  });

  it('that leaves nothing to play is moved away, and deleted only when asked to', async () => {
    for (const isPrune of [false, true]) {
      await using data = await tempFolder();
      await fill(data.dir);
      const folder = join(data.dir, DAY, idOf(8));
      await mkdir(folder);
      await writeFile(join(folder, 'snapshot.jpg'), 'x');
      await copyFile(eventPath(data.dir, '00002.m4s'), eventPath(data.dir, '00007.m4s'));
      await mend(data.dir, isPrune);
      expect((await check(data.dir)).findings).toEqual([]);
      const lost = await readdir(join(data.dir, 'lost+found'), { recursive: true }).catch(() => []);
      expect(lost.filter((name) => /\.(jpg|m4s)$/.test(name))).toHaveLength(isPrune ? 0 : 2);
    }
  });

  it('that leaves no picture, or brings back what was deleted, costs no video and is mended at once', async () => {
    for (const breakIt of [async (dir: string) => await rm(eventPath(dir, 'init.mp4')), tombstone]) {
      await using data = await tempFolder();
      await fill(data.dir);
      await breakIt(data.dir);
      await mend(data.dir);
      expect((await check(data.dir)).findings).toEqual([]);
      const lost = await readdir(join(data.dir, 'lost+found'), { recursive: true });
      expect(lost.filter((name) => name.endsWith('.m4s'))).toHaveLength(5);
    }
  });

  it('of a crash is found while nobody runs, and closed', async () => {
    await using data = await tempFolder();
    await fill(data.dir);
    const folder = join(data.dir, DAY, idOf(8));
    await mkdir(folder);
    for (const name of names) await copyFile(join(clip.dir, name), join(folder, name));
    await writeFile(join(folder, 'event.json'), JSON.stringify(record('open', { id: idOf(8) })));
    expect(kinds(await check(data.dir))).toEqual(['left open']);
    expect(await mend(data.dir)).toEqual([`front/${idOf(8)}: closed (ready)`]);
    expect((await check(data.dir)).findings).toEqual([]);
    // Nobody was told: the next start does.
    let round = 0;
    for (const count of [1, 1, 0]) {
      await using store = await openStore(data.dir);
      expect(store.recovered.map(({ id, state }) => [id, state])).toEqual(count === 1 ? [[idOf(8), 'ready']] : []);
      // The first one dies before it has told of it.
      if (round > 0) await store.told();
      round += 1;
    }
  });
});

async function linkInstead(path: string): Promise<void> {
  await rm(path);
  await symlink('/etc/hostname', path);
}

/** Somebody who changes an event and makes up a hash for it. */
function forged(event: EventRecord): unknown {
  return { ...event, people: 7, chain: { ...event.chain, hash: 'f'.repeat(64) } };
}

async function tombstone(dir: string): Promise<void> {
  const line = { deleted: idOf(BROKEN), day: '2026/11/20', seq: 3, bytes: 1, reason: 'age', at: new Date(0).toISOString() };
  await writeFile(join(dir, 'ledger', 'front.jsonl'), `${JSON.stringify(line)}\n`, { flag: 'a' });
}
