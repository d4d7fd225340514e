/** Cameras that freeze, reboot, refuse, change their picture or send rubbish. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import type { Fault, Happened } from './fault.ts';
import { timed } from './process-faults.ts';
import { makeFilm, type World } from './world.ts';

export const cameraFaults: readonly Fault[] = [
  {
    name: 'the camera freezes',
    mayLoseMs: 1000,
    happen: async (world, chance) => {
      await delay(chance.between(0, 1500));
      const from = world.lookout.lines.items.length;
      const beganAtMs = Date.now();
      world.camera.freeze();
      await world.lookout.line('camera lost', from);
      await delay(chance.between(0, 3000));
      world.camera.thaw();
      const recoveryMs = await backOnline(world, from);
      return { recoveryMs, endedAtMs: beganAtMs };
    },
  },
  {
    name: 'the camera reboots',
    mayLoseMs: 1000,
    happen: async (world, chance) => await reboot(world, chance, world.options.film),
  },
  {
    name: 'the camera comes back with another resolution',
    mayLoseMs: 1000,
    happen: async (world, chance) => await reboot(world, chance, await makeFilm(world.folder, 10, { widthPx: 480 })),
  },
  {
    name: 'the camera refuses for a while (401)',
    mayLoseMs: 1000,
    happen: async (world, chance) => {
      const from = world.lookout.lines.items.length;
      const endedAtMs = Date.now();
      await world.reboot(0, { login: { user: 'viewer', password: chance.between(0, 1).toString(36) } });
      await world.lookout.line('camera lost', from);
      await delay(2000);
      await world.reboot(0);
      return { recoveryMs: await backOnline(world, from), endedAtMs };
    },
  },
  {
    name: 'a damaged stream',
    mayLoseMs: Infinity,
    happen: async (world, chance) => {
      const damaged = await makeFilm(world.folder, 10, { noise: '3000' });
      await reboot(world, chance, damaged);
      await delay(8000);
      return { ...(await reboot(world, chance, world.options.film)), isDamaged: true };
    },
  },
];

async function reboot(world: World, chance: Chance, film: string): Promise<Happened> {
  await delay(chance.between(0, 1500));
  const from = world.lookout.lines.items.length;
  const endedAtMs = Date.now();
  await world.reboot(chance.between(200, 3000), { film });
  return { recoveryMs: await backOnline(world, from), endedAtMs };
}

async function backOnline(world: World, from: number): Promise<number> {
  return await timed(async () => {
    await world.lookout.lines.find(({ msg }) => msg.includes('camera online'), {
      what: 'the camera online',
      from,
      withinMs: 60_000,
    });
  });
}
