/** Processes that die or freeze: Lookout itself, and each one that it starts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Role } from '../e2e/processes.ts';
import type { Chance } from './chance.ts';
import type { Fault, Happened } from './fault.ts';
import type { World } from './world.ts';

export const processFaults: readonly Fault[] = [
  {
    name: 'kill -9 of Lookout',
    mayLoseMs: 1000,
    happen: async (world, chance) => {
      await delay(chance.between(0, 5000));
      const endedAtMs = await world.kill();
      const recoveryMs = await timed(async () => await world.start());
      return { endedAtMs, recoveryMs };
    },
  },
  {
    name: 'kill -9 of the encoder',
    world: () => ({ feed: 'frames' }),
    mayLoseMs: 0,
    happen: async (world, chance) => await killed(world, { role: 'encoder', afterMs: chance.between(0, 2000) }),
  },
  {
    name: 'kill -9 of the decoder',
    mayLoseMs: 1000,
    happen: async (world, chance) => await decoderFault(world, chance, 'SIGKILL'),
  },
  {
    name: 'SIGSTOP of the decoder',
    mayLoseMs: 1000,
    happen: async (world, chance) => await decoderFault(world, chance, 'SIGSTOP'),
  },
  {
    name: 'kill -9 of the detector',
    mayLoseMs: 0,
    happen: async (world, chance) => await killed(world, { role: 'host', afterMs: chance.between(0, 2000) }),
  },
];

/** While there is no decoder nothing can be seen: what is lost is what lies between it and the next one's first picture. */
async function decoderFault(world: World, chance: Chance, signal: NodeJS.Signals): Promise<Happened> {
  await delay(chance.between(0, 1500));
  const { lookout } = world;
  const from = lookout.lines.items.length;
  const { pid } = await lookout.process('decoder');
  process.kill(pid, signal);
  const atMs = Date.now();
  const recoveryMs = await timed(async () => {
    await lookout.process('decoder', [pid]);
    await lookout.line('camera online', from);
  });
  return { recoveryMs, blindMs: [atMs - 300, atMs + recoveryMs] };
}

async function killed(world: World, { role, afterMs }: { role: Role; afterMs: number }): Promise<Happened> {
  await delay(afterMs);
  const { pid } = await world.lookout.process(role);
  process.kill(pid, 'SIGKILL');
  const recoveryMs = await timed(async () => {
    await world.lookout.process(role, [pid]);
    await world.untilHealthy();
  });
  return { recoveryMs };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}
