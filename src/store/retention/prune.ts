/** What retention would do to a folder right now. Reads only: neither the lock nor a running Lookout is in the way. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { codeOf, UserError } from '../../lib/errors.ts';
import { diskSpace, folderBytes } from './disk-usage.ts';
import { folderOf } from '../folder/place.ts';
import { isOpen, readRecord } from '../folder/record.ts';
import { type Limits, type Plan, planRetention } from './retention.ts';
import { forEachOf, scanEvents } from '../index/scan.ts';
import { type Holding, holdingOf } from '../index/shelf.ts';
import { WallClock } from './wall-clock.ts';

export async function planFor(
  dir: string,
  { limits, clock }: { limits: Limits; clock: Clock },
): Promise<{ plan: Plan; isClockInDoubt: boolean }> {
  const dataDir = resolve(dir);
  const eventsDir = join(dataDir, 'events');
  await stat(eventsDir).catch((cause: unknown) => {
    if (codeOf(cause) === undefined) throw cause;
    throw new UserError(`There are no events in ${dataDir}`, {
      hint: 'give the folder that lookout run writes to with --data',
      cause,
    });
  });
  const { entries } = await scanEvents(eventsDir);
  const holdings: Holding[] = [];
  await forEachOf(entries, async ({ place, text }) => {
    const record = readRecord(text);
    if (isOpen(record)) return;
    const bytes = await folderBytes(folderOf(eventsDir, place));
    holdings.push({ ...holdingOf(place, record, text.length), bytes });
  });
  const wallClock = await WallClock.open(dataDir, clock);
  const plan = planRetention({ holdings, open: new Map(), disk: await diskSpace(dataDir), nowAtMs: wallClock.read() }, limits);
  return { plan, isClockInDoubt: wallClock.isInDoubt };
}
