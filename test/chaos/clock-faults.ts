/** Somebody sets the clock on the wall: a year forward, a day back. What is stored stays, and the event goes on. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventView } from '../../src/messages/event.ts';
import type { Chance } from './chance.ts';
import type { Fault, Happened } from './fault.ts';
import { timed } from './process-faults.ts';
import type { World } from './world.ts';

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`);
const library = LIBRARIES.find((path) => existsSync(path));

export const clockFaults: readonly Fault[] = [
  jumpOf('the clock jumps a year ahead', '+366d'),
  jumpOf('the clock jumps a day back', '-1d'),
];

function jumpOf(name: string, offset: string): Fault {
  return {
    name,
    missing: async () => await Promise.resolve(library === undefined ? 'needs: apt install faketime' : undefined),
    world: () => ({ env: fakedClock }),
    mayLoseMs: 0,
    happen: async (world, chance) => await jump(world, { chance, offset }),
  };
}

/** The whole process tree reads a clock that a file sets; monotonic time goes on. */
function fakedClock(folder: string): Record<string, string> {
  return {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

async function jump(world: World, { chance, offset }: { chance: Chance; offset: string }): Promise<Happened> {
  const before = world.subscriber.alerts.filter(({ type }) => type === 'live').map(({ id }) => id);
  await delay(chance.between(0, 2000));
  await setClock(world.folder, offset);
  const next = await world.untilInEvent();
  await world.subscriber.alert('ready', { id: next.id });
  const { events } = await world.lookout.json<{ events: EventView[] }>('/api/v1/events?limit=100');
  const gone = before.filter((id) => !events.some((event) => event.id === id));
  if (gone.length > 0) throw new Error(`events are gone after the clock jumped: ${gone.join(', ')}`);
  return { recoveryMs: await timed(async () => await world.untilHealthy()), clockJumped: true };
}

async function setClock(folder: string, offset: string): Promise<void> {
  const path = join(folder, 'clock');
  await writeFile(`${path}.new`, `${offset}\n`);
  await rename(`${path}.new`, path);
}
