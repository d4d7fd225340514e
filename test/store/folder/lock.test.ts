import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child } from '../../../src/lib/child.ts';
import { packagePath } from '../../../src/lib/package-root.ts';
import { openStore, tempFolder } from '../folder.ts';

/** Another process that opens a store on this folder and says `open`. */
async function otherLookout(dir: string): Promise<Child> {
  const script = `
    const { Store } = await import(${JSON.stringify(packagePath('src/store/store.ts'))});
    const { systemClock } = await import(${JSON.stringify(packagePath('src/lib/clock.ts'))});
    const { silentLogger } = await import(${JSON.stringify(packagePath('src/lib/log.ts'))});
    globalThis.store = await Store.open({ dir: ${JSON.stringify(dir)}, clock: systemClock, log: silentLogger });
    console.log('open');
    setInterval(() => {}, 1000);`;
  const child = await Child.start({
    name: 'another Lookout',
    command: process.execPath,
    args: ['--import', 'tsx', '--input-type=module', '-e', script],
    stdin: 'ignore',
    dieWithParent: true,
  });
  const [first] = await Promise.race([
    child.stdout.take(1).toArray(),
    child.exited.then(({ stderr }) => Promise.reject(new Error(stderr.join('\n')))),
  ]);
  expect(String(first)).toBe('open\n');
  return child;
}

describe('a data folder', () => {
  it('belongs to one Lookout at a time', async () => {
    await using data = await tempFolder();
    const store = await openStore(data.dir);
    await expect(openStore(data.dir)).rejects.toThrow(`${data.dir} is in use by another Lookout (process ${process.pid})`);
    await store[Symbol.asyncDispose]();
    expect(await readdir(data.dir)).toEqual(['events', 'index.sqlite', 'lookout.json', 'reserve']);
    await (await openStore(data.dir))[Symbol.asyncDispose]();
  });

  it('is held by another process, and free after kill -9', async () => {
    await using data = await tempFolder();
    await using other = await otherLookout(data.dir);
    await expect(openStore(data.dir)).rejects.toThrow(`in use by another Lookout (process ${other.pid})`);
    await other.kill();
    await using store = await openStore(data.dir);
    expect(store.recovered).toEqual([]);
    expect((await readdir(data.dir)).sort()).toEqual([
      'events',
      'index.sqlite',
      'index.sqlite-shm',
      'index.sqlite-wal',
      'lookout.json',
      'lookout.lock',
      'reserve',
    ]);
  });

  it.each([
    ['a process that is gone', '4194305 1 boot'],
    ['another process that got its number', `${process.pid} 1 boot`],
    ['nobody', ''],
    ['rubbish', 'rubbish'],
  ])('is free where the lock names %s', async (_name, text) => {
    await using data = await tempFolder();
    await writeFile(join(data.dir, 'lookout.lock'), text);
    await using store = await openStore(data.dir);
    expect(store.recovered).toEqual([]);
    expect(await readFile(join(data.dir, 'lookout.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  });

  it('is had by one of many that take over a stale lock at once', async () => {
    await using data = await tempFolder();
    await writeFile(join(data.dir, 'lookout.lock'), '4194305 1 boot');
    const stores = await Promise.allSettled(Array.from({ length: 10 }, () => openStore(data.dir)));
    const opened = stores.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(opened).toHaveLength(1);
    for (const store of opened) await store[Symbol.asyncDispose]();
  });
});
