import { expect, it } from 'vitest';
import { verify } from '../../src/store/audit/verify.ts';
import { facts, openStore, START_MS, tempFolder } from './folder.ts';

const idOf = (n: number): string => `01KAGYZ${String(n).padStart(19, '0')}`;

it('gives an event one link, also where it is protected while it is being closed', async () => {
  await using folder = await tempFolder();
  {
    await using store = await openStore(folder.dir);
    for (let n = 0; n < 12; n += 1) {
      await store.create('front', idOf(n), START_MS);
      const startedAt = new Date(START_MS).toISOString();
      const closing = store.save(facts('ready', { id: idOf(n), startedAt, durationMs: 0 }));
      // At every moment between its event.json, its line in the ledger and its row.
      for (let turns = 0; turns < 4 * n; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      const protecting = store.protect(idOf(n), true);
      await Promise.all([closing, protecting]);
    }
    expect(store.shelf.all.map(({ seq }) => seq).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  }
  const report = await verify({ dir: folder.dir, isDeep: false, nowAtMs: START_MS });
  expect(report.findings.filter(({ kind }) => kind !== 'playlist')).toEqual([]);
  expect(report.chains.get('front')?.head.seq).toBe(12);
});
