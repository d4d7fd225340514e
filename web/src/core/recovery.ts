/**
 * A player's fault -> what to do about it. Pure; every road is bounded and ends in a sentence for people.
 * A held playlist may take 8 s and then answer 503; 404 and 410 are final.
 */
export interface Fault {
  readonly kind: 'network' | 'media' | 'other';
  /** HTTP status, where there was an answer */
  readonly status?: number | undefined;
  /** the playlist itself could not be had (not a segment of it) */
  readonly isPlaylist: boolean;
}

export interface Tries {
  readonly network: number;
  readonly media: number;
}

export type Recovery =
  | { readonly type: 'reload' | 'resume'; readonly waitMs: number; readonly tries: Tries }
  | { readonly type: 'recoverMedia'; readonly tries: Tries }
  | { readonly type: 'giveUp'; readonly message: string };

export const noTries: Tries = { network: 0, media: 0 };
const MAX_NETWORK_TRIES = 6;
const MAX_MEDIA_TRIES = 3;
/** Longer than hls.js waits between its own tries. */
const STUCK_MS = 8000;
const MIN_WAIT_MS = 500;
const MAX_WAIT_MS = 8000;

export interface Progress {
  /** since a segment was last buffered, or a recovery tried */
  readonly idleMs: number;
  readonly positionMs: number;
  /** end of what is buffered where the player is */
  readonly bufferedMs: number;
  /** end of what the playlist lists */
  readonly edgeMs: number;
}

/** Nothing left to play, more is listed, and nothing comes. At the live edge nothing more is listed: that is waiting. */
export function isStuck({ idleMs, positionMs, bufferedMs, edgeMs }: Progress): boolean {
  return idleMs > STUCK_MS && bufferedMs - positionMs < 300 && edgeMs - bufferedMs > 500;
}

export function recoveryOf(fault: Fault, tries: Tries): Recovery {
  if (fault.status === 410) return { type: 'giveUp', message: 'This event was not recorded.' };
  if (fault.status === 404) return { type: 'giveUp', message: 'This clip is no longer on the recorder.' };
  if (fault.status === 401 || fault.status === 403)
    return { type: 'giveUp', message: 'The recorder wants you to sign in again. Reload the page.' };
  if (fault.kind === 'network') return ofNetwork(fault, tries);
  if (fault.kind === 'other') return { type: 'giveUp', message: 'The player stopped and could not say why.' };
  if (tries.media >= MAX_MEDIA_TRIES) return { type: 'giveUp', message: 'This browser could not decode the clip.' };
  return { type: 'recoverMedia', tries: { ...tries, media: tries.media + 1 } };
}

function ofNetwork(fault: Fault, tries: Tries): Recovery {
  if (tries.network >= MAX_NETWORK_TRIES) return { type: 'giveUp', message: 'The recorder does not answer.' };
  return {
    type: fault.isPlaylist ? 'reload' : 'resume',
    waitMs: Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** tries.network),
    tries: { ...tries, network: tries.network + 1 },
  };
}
