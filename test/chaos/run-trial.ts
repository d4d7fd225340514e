/** One run of one fault, from a new world to what came of it. */
import { Mosquitto } from '../publisher/mosquitto.ts';
import { judge } from './aftermath.ts';
import { Chance } from './chance.ts';
import type { Fault, Trial } from './fault.ts';
import { World } from './world.ts';

export interface TrialOptions {
  readonly seed: number;
  readonly feed: 'packets' | 'frames';
  /** Matroska for the camera */
  readonly film: string;
}

/** A trial that cannot be brought to its end is one with a problem, not an error. */
export async function runTrial(fault: Fault, { seed, feed, film }: TrialOptions): Promise<Trial> {
  const chance = new Chance(seed);
  const disk = await fault.disk?.();
  let world: World | undefined;
  try {
    await using broker = await Mosquitto.start();
    await using opened = await World.open({ broker, film, feed, ...(disk ? { disk } : {}), ...fault.world?.() });
    world = opened;
    const open = await world.untilInEvent();
    const happened = await fault.happen(world, chance);
    await world.untilHealthy();
    return await judge(world, open, happened);
  } catch (error) {
    const sentence = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const said = world?.lastWords ?? '';
    return {
      events: 1,
      eventsLost: 1,
      lostMs: 0,
      blindMs: 0,
      recoveryMs: 0,
      problems: [`seed ${seed}: ${sentence} Lookout’s last words: ${said}`],
    };
  } finally {
    await disk?.[Symbol.asyncDispose]();
  }
}
