/**
 * `limits.json`: the limits that the last run kept, so that `prune` by hand keeps the same ones where it is told of no others, and
 * not the defaults: they may be stricter, and what is deleted is gone.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../lib/bounded-json.ts';
import { writeDurably } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
import { readIfFit, readPlainText } from '../../lib/plain-file.ts';
import { MAX_NOTE_BYTES } from '../../media/file-bounds.ts';
import type { Limits } from './retention.ts';

const NAME = 'limits.json';
const days = z.number().min(0);
const bytes = z.number().min(0);
const file = z.object({
  keepDays: days,
  maxBytes: bytes,
  minFreePercent: z.number().min(0).max(90),
  whenFull: z.enum(['delete-oldest', 'stop']),
  cameras: z.record(z.string(), z.object({ keepDays: days.optional(), maxBytes: bytes.optional() })),
});

/** Written where they changed. Rejects with the error of the disk. */
export async function rememberLimits(dir: string, limits: Limits): Promise<void> {
  const text = `${JSON.stringify({ ...limits, cameras: Object.fromEntries(limits.cameras) })}\n`;
  if ((await readIfFit(join(dir, NAME), MAX_NOTE_BYTES)) !== text) await writeDurably(join(dir, NAME), text);
}

/** Undefined where no run left any. Rejects with an UnfitFile where something else lies there: what is deleted by other limits is gone. */
export async function rememberedLimits(dir: string): Promise<Limits | undefined> {
  const { data } = file.safeParse(parseJson((await readIfThere(dir)) ?? ''));
  if (!data) return undefined;
  const { cameras, ...limits } = data;
  return { ...limits, cameras: new Map(Object.entries(cameras)) };
}

async function readIfThere(dir: string): Promise<string | undefined> {
  try {
    return await readPlainText(join(dir, NAME), MAX_NOTE_BYTES);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
