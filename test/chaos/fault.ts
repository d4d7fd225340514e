/** What a fault is, and what came of one run of it. */
import type { Chance } from './chance.ts';
import type { Mount } from './mount.ts';
import type { World, WorldOptions } from './world.ts';

export interface Fault {
  /** what is done, as a row of the table */
  readonly name: string;
  /** what of the world is not as usual */
  readonly world?: () => Partial<WorldOptions>;
  /** a disk of its own for the data folder */
  readonly disk?: () => Promise<Mount>;
  /** why it cannot be tried on this machine; undefined where it can */
  readonly missing?: () => Promise<string | undefined>;
  /** video that may be lost by it, ms: its bar */
  readonly mayLoseMs: number;
  /** Does it, in the middle of an event, and waits until all is well again. */
  readonly happen: (world: World, chance: Chance) => Promise<Happened>;
}

export interface Happened {
  /** wall time up to which video is expected of the event that was open, where the fault ended it */
  readonly endedAtMs?: number;
  /** stretch of wall time in which the camera itself sent nothing */
  readonly blindMs?: readonly [number, number];
  /** what the camera sent cannot be decoded without complaint */
  readonly isDamaged?: boolean | undefined;
  /** wall time says nothing of this trial */
  readonly clockJumped?: boolean;
  /** from the moment when the cause was gone to the moment when Lookout was well again */
  readonly recoveryMs: number;
  /** the event that was open cannot be stored: the fault says so by `failed`, with this in its reason */
  readonly failsWith?: RegExp;
}

export interface Trial {
  readonly events: number;
  /** told of by `start` and never closed by `ready` or `failed`, or not in the list afterwards */
  readonly eventsLost: number;
  /** of the worst clip: pictures that were received and that it lacks */
  readonly lostMs: number;
  /** of the worst clip: pictures that could not be received, because nobody was connected to the camera */
  readonly blindMs: number;
  readonly recoveryMs: number;
  /** what must never be, in sentences */
  readonly problems: readonly string[];
}
