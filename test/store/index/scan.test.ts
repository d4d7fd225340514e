import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child } from '../../../src/lib/child.ts';
import type { Store } from '../../../src/store/store.ts';
import { facts, DAY, openStore, START_MS, tempFolder } from '../folder.ts';

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

describe('a start', () => {
  it('is held up by no pipe, link or folder that lies in the way', async () => {
    await using data = await tempFolder();
    await fill(data.dir, 3);
    await rm(join(data.dir, 'index.sqlite'));
    await mkdir(join(data.dir, 'ledger', 'notes.jsonl'));
    const [pipe, link] = [0, 1].map((n) => join(data.dir, DAY, 'front', idOf(n), 'event.json')) as [string, string];
    for (const path of [pipe, link]) await rm(path);
    await symlink('/dev/zero', link);
    await using child = await Child.start({
      name: 'mkfifo',
      command: 'mkfifo',
      args: [pipe],
      stdin: 'ignore',
      dieWithParent: true,
    });
    await child.exited;
    await using store = await openStore(data.dir);
    expect(ids(store)).toEqual([idOf(2)]);
  });
});
