/** What the packets of one connection of a camera need to be played: a value, never changed. */
import type { TrackInit } from '../messages/video.ts';

export interface Inits {
  /** counts the connections of the camera: packets of two of them do not continue each other */
  readonly connection: number;
  readonly video: TrackInit;
  readonly audio: TrackInit | undefined;
  /** the newest sound of the connections before */
  readonly heard?: TrackInit | undefined;
}

export function isSameConnection(a: Inits | undefined, b: Inits | undefined): boolean {
  return a?.connection === b?.connection;
}

/** What is known after this track announced itself: that of the video begins a connection, sound may come after the first pictures. */
export function withInit(known: Inits | undefined, init: TrackInit): Inits | undefined {
  if (init.isVideo) {
    const heard = known?.audio ?? known?.heard;
    return { connection: (known?.connection ?? 0) + 1, video: init, audio: undefined, ...(heard && { heard }) };
  }
  return known && { ...known, audio: init };
}
