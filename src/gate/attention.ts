/** What the tracker and the event machine know → how closely the camera has to be watched. Pure. */
import type { Track, TrackedFrame } from '../messages/detection.ts';
import type { Attention } from './motion-gate.ts';

/** Whoever is neither confirmed nor gone by then is looked at with the heartbeat: a coat on a hook must not cost every picture. */
const UNDECIDED_MS = 2000;

/** From the newest picture that the model looked at. */
export function attentionOf(
  { tracks, ptsMs, rejected }: Pick<TrackedFrame, 'tracks' | 'ptsMs' | 'rejected'>,
  { isEventOpen }: { isEventOpen: boolean },
): Attention {
  const boxes = tracks.map(({ box }) => box);
  // Somebody was seen, in a picture that is not to be trusted yet.
  const isSettling = rejected.some(({ rule }) => rule === 'settle');
  if (isSettling || tracks.some((track) => isUndecided(track, ptsMs))) return { level: 'undecided', boxes };
  return { level: isEventOpen || tracks.length > 0 ? 'occupied' : 'empty', boxes };
}

/** Just missed (gone, or a flicker of the model?) or just found (a person, or nothing?): the next pictures tell. */
function isUndecided({ isSeen, isHeld, isConfirmed, firstSeenPtsMs, lastSeenPtsMs }: Track, ptsMs: number): boolean {
  if (!isSeen && isHeld !== true) return ptsMs - lastSeenPtsMs <= UNDECIDED_MS;
  return !isConfirmed && ptsMs - firstSeenPtsMs <= UNDECIDED_MS;
}
