/** The settings of what is kept, where and for how long; a page of config.ts with a file of its own. */
import { z } from 'zod';

/** `10 GB`, `500 MB`, `1.5 TB`, `512 MiB`, or a number of bytes; `off` and 0 are no limit. */
const SIZE = /^(\d+(?:\.\d+)?)\s*([kMGT]i?)?B?$/i;
const bytes = z
  .union([z.number(), z.string()], 'Expected a size like 10 GB, a number of bytes, or off')
  .refine(
    (size) => Number.isSafeInteger(bytesOf(size)) && bytesOf(size) >= 0,
    'Expected a size like 10 GB, a number of bytes, or off',
  )
  .transform(bytesOf);

const days = z
  .union([z.number().min(0), z.literal('off')], 'Expected a number of days of at least 0, or off')
  .transform((value) => (value === 'off' ? 0 : value));

/** NaN where the text is no size. */
function bytesOf(size: number | string): number {
  if (typeof size === 'number') return size;
  if (size.trim() === 'off') return 0;
  const [, count, unit = ''] = SIZE.exec(size.trim()) ?? [];
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.slice(0, 1).toLowerCase());
  return Math.round(Number(count ?? Number.NaN) * (unit.length === 2 ? 1024 : 1000) ** power);
}

export const cameraStorage = z.strictObject({
  keepDays: days.optional().describe('overrides storage.keepDays for this camera'),
  maxBytes: bytes.optional().describe('its own share: its oldest events go when they take more; 0 or off: no share of its own'),
});

export const storage = z.strictObject({
  dir: z.string().min(1).default('./data').describe('where events are kept'),
  id: z
    .string()
    .regex(/^[0-9a-z-]{8,64}$/, 'Expected the id that stands in lookout.json of the data folder')
    .optional()
    .describe('refuses to start on a folder that does not carry this id: the disk is not mounted, or it is another one'),
  keepDays: days.default(7).describe('older events are deleted; 0 or off: age deletes nothing'),
  maxBytes: bytes.default(10_000_000_000).describe('all events together, as 10 GB or a number; 0 or off: no limit'),
  minFreePercent: z.number().min(0).max(90).default(5).describe('of the disk stay free; 0: only 16 MB do'),
  whenFull: z
    .enum(['delete-oldest', 'stop'])
    .default('delete-oldest')
    .describe('makes room by deleting the oldest event, or records nothing more; alerts go on either way'),
});
