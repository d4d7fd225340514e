/**
 * `untold.json`: events that `prune` or `verify --repair` closed after a crash. Nobody was told of their end, because only a Lookout
 * that runs publishes: the next one takes them from here.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../lib/bounded-json.ts';
import { writeDurably } from '../../lib/durable.ts';
import { readIfFit } from '../../lib/plain-file.ts';
import { MAX_RECORD_BYTES } from '../../media/file-bounds.ts';
import { ID } from '../folder/place.ts';

const NAME = 'untold.json';
const ids = z.array(z.string().regex(ID));

/** Ids; none where there is no such file, or not one of ours. */
export async function readUntold(dataDir: string): Promise<readonly string[]> {
  const text = (await readIfFit(join(dataDir, NAME), MAX_RECORD_BYTES)) ?? '';
  return ids.safeParse(parseJson(text)).data ?? [];
}

/** Returns none, for those are not to be told of now. Rejects with the error of the disk. */
export async function addUntold(dataDir: string, more: readonly string[]): Promise<readonly string[]> {
  if (more.length === 0) return [];
  const all = new Set([...(await readUntold(dataDir)), ...more]);
  await writeDurably(join(dataDir, NAME), `${JSON.stringify([...all])}\n`);
  return [];
}

export async function forgetUntold(dataDir: string): Promise<void> {
  await rm(join(dataDir, NAME), { force: true });
}
