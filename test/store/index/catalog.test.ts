import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { facts, openStore, START_MS, tempFolder } from '../folder.ts';

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

describe('an index', () => {
  it('whose pages rotted is replaced by the folders, and made anew by the next start', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 2);
    const index = new Sqlite(join(data.dir, 'index.sqlite'));
    index.exec("UPDATE records SET text = '{{'");
    index.close();
    {
      await using store = await openStore(data.dir);
      expect(ids(store)).toEqual([]);
      expect(store.problem).toContain('the next start makes a new one');
      await expect.poll(() => ids(store)).toEqual([1, 0].map(idOf));
    }
    await using store = await openStore(data.dir);
    expect([ids(store), store.problem]).toEqual([[1, 0].map(idOf), undefined]);
  });
});
