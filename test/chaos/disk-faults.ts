/** Disks that fill up, refuse, vanish, are slow, or lose their power. */
import { open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import type { Fault, Happened } from './fault.ts';
import { Mount } from './mount.ts';
import { timed } from './process-faults.ts';
import type { World, WorldOptions } from './world.ts';

const MIB = 2 ** 20;
const missing = async (): Promise<string | undefined> => await Mount.missing();

/** By default old events would make room, which is no loss; here nothing may go. */
const keepsAll = (): Partial<WorldOptions> => ({ storage: { whenFull: 'stop' } });

export const diskFaults: readonly Fault[] = [
  {
    name: 'the disk is full at once',
    missing,
    disk: async () => await Mount.memory(48),
    world: keepsAll,
    mayLoseMs: Infinity,
    happen: async (world, chance) => await full(world, chance, { stepMs: 0 }),
  },
  {
    name: 'the disk fills slowly',
    missing,
    disk: async () => await Mount.memory(48),
    world: keepsAll,
    mayLoseMs: Infinity,
    happen: async (world, chance) => await full(world, chance, { stepMs: 100 }),
  },
  {
    name: 'the event folders refuse to be written',
    missing: async () => await Mount.missingExt4(),
    disk: async () => await Mount.ext4(96),
    mayLoseMs: Infinity,
    happen: async (world, chance) => {
      await delay(chance.between(0, 1500));
      await world.disk.setImmutable('data/events', true);
      await untilFailed(world);
      await world.disk.setImmutable('data/events', false);
      return await recovered(world, /writable|read-only|EROFS|EPERM/);
    },
  },
  {
    name: 'the disk of the data folder vanishes and comes back',
    missing,
    disk: async () => await Mount.bound(),
    mayLoseMs: Infinity,
    happen: async (world, chance) => {
      await delay(chance.between(0, 1500));
      await world.disk.unmount();
      await untilFailed(world);
      const beneath = await readdir(world.disk.path);
      await world.disk.mount();
      const happened = await recovered(world, /gone|mounted|data folder/);
      if (beneath.length > 0) throw new Error(`written beneath the mount point: ${beneath.join(', ')}`);
      return happened;
    },
  },
  {
    name: 'a slow disk (each fsync 0.4 s longer)',
    world: () => ({
      env: () => ({
        NODE_OPTIONS: `--import=${new URL('slow-disk.mjs', import.meta.url).href}`,
        CHAOS_FSYNC_MS: '400',
      }),
    }),
    mayLoseMs: 0,
    happen: async (world) => {
      await delay(1000);
      return { recoveryMs: await timed(async () => await world.untilHealthy()) };
    },
  },
  {
    name: 'power cut (ext4, nothing more reaches the disk)',
    missing: async () => await Mount.missingExt4(),
    disk: async () => await Mount.ext4(96),
    mayLoseMs: 2000,
    happen: async (world, chance) => {
      await delay(chance.between(0, 5000));
      await world.disk.cutPower();
      const endedAtMs = Date.now();
      await world.kill();
      await world.disk.unmountWhenFree();
      await world.disk.mount();
      return { endedAtMs, recoveryMs: await timed(async () => await world.start()) };
    },
  },
];

/** Until the event that is open was told of as failed, or as ready with what there was room for. */
async function untilFailed({ subscriber }: World): Promise<void> {
  const from = subscriber.alerts.length;
  await subscriber.alertFeed.find(({ type }) => type === 'failed' || type === 'ready', {
    what: 'an event that fails',
    from,
    withinMs: 60_000,
  });
}

/** Room is taken away by a file that is not Lookout's, and given back. */
async function full(world: World, chance: Chance, { stepMs }: { stepMs: number }): Promise<Happened> {
  await delay(chance.between(0, 1500));
  const filler = join(world.disk.path, 'filler');
  await fill(filler, stepMs);
  await untilFailed(world);
  await rm(filler);
  return await recovered(world, /full/);
}

async function fill(path: string, stepMs: number): Promise<void> {
  await using file = await open(path, 'w');
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(path);
      const bytes = Math.min(MIB / 2, bavail * bsize);
      if (bytes === 0) return;
      await file.write(Buffer.alloc(bytes));
      await delay(stepMs);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** The cause is gone: health says so, and the next event is recorded. */
async function recovered(world: World, failsWith: RegExp): Promise<Happened> {
  const recoveryMs = await timed(async () => await world.untilHealthy());
  const { id } = await world.untilInEvent();
  await world.subscriber.alert('ready', { id });
  return { recoveryMs, failsWith };
}
