/** What the tests of scene events share: tracked frames out of literals. */
import type { Track, TrackedFrame } from '../../src/messages/detection.ts';
import type { SceneEvent } from '../../src/messages/scene.ts';

export const SLOT_MS = 200;
export const AT_MS = Date.UTC(2026, 10, 20, 12);
export const EVENT = { preRollMs: 5000, postRollMs: 1000, maxDurationMs: 5000 };

export interface Seen {
  readonly id: number;
  readonly score?: number;
  readonly isSeen?: boolean;
  readonly isConfirmed?: boolean;
  /** only a faint trace in this frame */
  readonly isHeld?: boolean;
  /** how long ago the person was first seen */
  readonly forMs?: number;
}

export function frameOf(slot: number, people: readonly Seen[]): TrackedFrame {
  const ptsMs = slot * SLOT_MS;
  const tracks = people.map(
    ({ id, score = 0.8, isSeen = true, isConfirmed = true, isHeld = false, forMs = 0 }): Track => ({
      id,
      label: 'person',
      score,
      meanScore: score,
      box: { x: id / 10, y: 0.1, w: 0.1, h: 0.5 },
      isConfirmed,
      isSeen: isSeen && !isHeld,
      ...(isHeld && { isHeld }),
      firstSeenPtsMs: ptsMs - forMs,
      lastSeenPtsMs: ptsMs,
    }),
  );
  return { slot, ptsMs, atMs: AT_MS + ptsMs, arrivedNowMs: 1000, latencyMs: 30, tracks, left: [], rejected: [] };
}

/** `start a`, `update a`, … */
export const typesOf = (events: readonly SceneEvent[]): string[] => events.map(({ type, id }) => `${type} ${id}`);
