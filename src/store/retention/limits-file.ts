/**
 * `limits.json`: the limits that the last run kept, so that `prune` by hand keeps the same ones where it is told of no others, and
 * not the defaults: they may be stricter, and what is deleted is gone.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../lib/durable.ts';
import { codeOf } from '../../lib/errors.ts';
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
  if ((await readText(dir)) !== text) await writeDurably(join(dir, NAME), text);
}

/** Undefined where no run left any that can be read. */
export async function rememberedLimits(dir: string): Promise<Limits | undefined> {
  const text = await readText(dir);
  if (text === undefined) return undefined;
  try {
    const { cameras, ...limits } = file.parse(JSON.parse(text));
    return { ...limits, cameras: new Map(Object.entries(cameras)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

async function readText(dir: string): Promise<string | undefined> {
  try {
    return await readFile(join(dir, NAME), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
