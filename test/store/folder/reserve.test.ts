import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { facts, ID, openStore } from '../folder.ts';
import { mountSmallDisk } from '../small-disk.ts';

it('a disk that others filled to the last byte is no reason not to start, and room can be made', async ({ skip }) => {
  await using disk = await mountSmallDisk(8_000_000);
  if (!disk) {
    skip('this account may not mount a disk');
    return;
  }
  {
    await using store = await openStore(disk.dir);
    await store.create('front', ID, Date.parse(facts('ready').startedAt));
    await store.save(facts('ready'));
  }
  await expect(writeFile(join(disk.dir, 'others'), Buffer.alloc(9_000_000))).rejects.toThrow('ENOSPC');
  await using store = await openStore(disk.dir);
  expect(store.shelf.count).toBe(1);
  expect(await store.delete(ID, 'asked')).toBe('deleted');
});
