/** Events that a Lookout of schema 1 left: two closed ones with their ledger, and one that its kill left open. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../../../src/store/audit/verify.ts';
import { parseRecord, readRecord } from '../../../src/store/folder/record.ts';
import { isIntact } from '../../../src/store/ledger/chain.ts';
import { facts, openStore, START_MS, tempFolder } from '../folder.ts';

const FIXTURES = new URL('../../fixtures/schema-1/', import.meta.url).pathname;
const [FIRST, SECOND, OPEN] = ['01M8HM48333QRGP2S4BNTJWJ3M', '01M8HM4Z5B8YCS5JZ7QH7EJATQ', '01M8HMY0T4VPVP4EM4QK2PQX2T'] as const;
const DAY = join('events', '2026', '11', '28', 'demo');

/** Byte for byte as it was written. */
async function textOf(id: string): Promise<string> {
  const lines = (await readFile(join(FIXTURES, 'events.jsonl'), 'utf8')).split('\n');
  return `${lines.find((line) => line.includes(`"id":"${id}"`)) ?? ''}\n`;
}

/** A data folder as it was left; without video, which costs findings of missing files and nothing else. */
async function leave(dir: string, ids: readonly string[] = [FIRST, SECOND]): Promise<void> {
  for (const id of ids) {
    await mkdir(join(dir, DAY, id), { recursive: true });
    await writeFile(eventPath(dir, id), await textOf(id));
  }
  await mkdir(join(dir, 'ledger'));
  await copyFile(join(FIXTURES, 'ledger.jsonl'), join(dir, 'ledger', 'demo.jsonl'));
}

const eventPath = (dir: string, id: string): string => join(dir, DAY, id, 'event.json');

async function findings(dir: string): Promise<string[]> {
  const report = await verify({ dir, isDeep: false, nowAtMs: Date.UTC(2027, 0, 1) });
  return report.findings.map(({ kind, id }) => `${kind} ${id}`).filter((text) => !text.startsWith('missing file'));
}

describe('an event.json of schema 1', () => {
  it('is read as what is known of the event: no number and no address of its last alert', async () => {
    const text = await textOf(FIRST);
    const {
      v: _v,
      node: _node,
      epoch: _epoch,
      seq: _seq,
      type,
      at,
      urls: _urls,
      ...same
    } = JSON.parse(text) as Record<string, unknown>;
    expect(parseRecord(text)).toEqual({ ...same, schema: 2, revision: 0, state: type, updatedAt: at, hasSnapshot: true });
    expect(readRecord(text)).toEqual(parseRecord(text));
  });

  it.each([
    ['start', 'open'],
    ['live', 'open'],
    ['update', 'open'],
    ['end', 'ended'],
    ['ready', 'ready'],
    ['failed', 'failed'],
  ])('whose last alert is %s is %s', async (type, state) => {
    const old = { ...(JSON.parse(await textOf(OPEN)) as object), type };
    const record = parseRecord(JSON.stringify(old));
    expect(record?.state).toBe(state);
    expect(record).not.toHaveProperty('hasSnapshot');
  });

  it.each([
    ['type', 'gone'],
    ['at', undefined],
    ['urls', {}],
    ['zones', null],
  ])('with another %s is not one', async (key, value) => {
    expect(parseRecord(JSON.stringify({ ...(JSON.parse(await textOf(OPEN)) as object), [key]: value }))).toBeUndefined();
  });

  it('holds its link, and no longer once it is edited', async () => {
    for (const id of [FIRST, SECOND]) {
      const text = await textOf(id);
      expect(isIntact(readRecord(text))).toBe(true);
      for (const edit of [{ people: 7 }, { type: 'failed' }, { score: 0.1 }, { files: [] }])
        expect(isIntact(readRecord(JSON.stringify({ ...(JSON.parse(text) as object), ...edit })))).toBe(false);
    }
  });
});

describe('a data folder of schema 1', () => {
  it('is listed and verified as it is, and stays so on disk', async () => {
    await using data = await tempFolder();
    await leave(data.dir);
    for (let start = 0; start < 2; start += 1) {
      await using store = await openStore(data.dir);
      expect(store.list({ limit: 9 }).events.map(({ id, state }) => [id, state])).toEqual([
        [SECOND, 'ready'],
        [FIRST, 'ready'],
      ]);
      expect(store.event(FIRST)).toMatchObject({ record: { people: 1, chain: { seq: 1 } }, isOpen: false });
    }
    expect(await findings(data.dir)).toEqual([]);
    for (const id of [FIRST, SECOND]) expect(await readFile(eventPath(data.dir, id), 'utf8')).toBe(await textOf(id));
  });

  it('goes on in the same chain, and an event that is protected keeps its link in schema 2', async () => {
    await using data = await tempFolder();
    await leave(data.dir);
    {
      await using store = await openStore(data.dir);
      const { chain } = store.event(FIRST)?.record ?? {};
      await store.protect(FIRST, true);
      const kept = JSON.parse(await readFile(eventPath(data.dir, FIRST), 'utf8')) as Record<string, unknown>;
      expect(kept).toMatchObject({ schema: 2, revision: 1, state: 'ready', protected: true, hasSnapshot: true, chain });
      for (const key of ['v', 'node', 'epoch', 'seq', 'type', 'at', 'urls']) expect(kept).not.toHaveProperty(key);
      expect(await store.delete(FIRST, 'age')).toBe('protected');
      const next = await store.save(facts('failed', { camera: 'demo', startedAt: new Date(START_MS).toISOString() }));
      expect(next.chain).toMatchObject({ seq: 3, previous: store.event(SECOND)?.record?.chain?.hash });
    }
    expect(await findings(data.dir)).toEqual([]);
  });

  it('shows who changed an event in it', async () => {
    await using data = await tempFolder();
    await leave(data.dir);
    {
      await using _store = await openStore(data.dir);
    }
    await writeFile(eventPath(data.dir, SECOND), (await textOf(SECOND)).replace('"people":2', '"people":3'));
    expect(await findings(data.dir)).toContain(`edited event ${SECOND}`);
  });

  it('with an event that a kill left open has it closed in schema 2, and told', async () => {
    await using data = await tempFolder();
    await leave(data.dir, [FIRST, SECOND, OPEN]);
    await using store = await openStore(data.dir);
    expect(store.recovered).toMatchObject([{ id: OPEN, schema: 2, revision: 1, state: 'failed', chain: { seq: 3 } }]);
    expect(JSON.parse(await readFile(eventPath(data.dir, OPEN), 'utf8'))).toEqual(store.recovered[0]);
    expect(await readdir(join(data.dir, DAY))).toHaveLength(3);
  });
});
