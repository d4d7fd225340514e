/** What a clip needs of its film, whichever feed it comes from. Times are those of the camera's axis. */

/** A picture of the film that is wanted; it is kept until `release`. */
export interface Still {
  /** yuv420p at the recording size */
  load(): Promise<Uint8Array>;
  release(): void;
}

export interface Film {
  /** of the clip's first frame, once there is one */
  readonly firstPtsMs: number | undefined;
  /** no frame that begins here or later is wanted */
  readonly closePtsMs: number;
  /** where what there is so far ends */
  readonly endPtsMs: number;
  /** the end is known and nothing is missing before it */
  readonly isClosed: boolean;
  readonly droppedFrames: number;
  /** of the encoder, where the feed needs one and it runs */
  readonly encoderPid: number | undefined;
  /** why there is no video, if there is none */
  readonly excuse: string;
  /** Takes over what the ring holds and it does not have yet; called whenever there is more. */
  take(): void;
  /** the detector has decided about everything before */
  decidedTo(ptsMs: number): void;
  /** ends before this time, or where it has been written to already */
  closeAt(ptsMs: number): void;
  /** frames up to this time were wanted and did not get in, because the film was over before */
  missTo(ptsMs: number): void;
  /** the picture that the detector saw at this time */
  still(ptsMs: number): Still | undefined;
  /** for sources that can wait: resolves when there is room */
  whenReady(): Promise<void>;
  /** Resolves when everything is listed, or as far as it got. Rejects where the folder cannot be used. */
  run(): Promise<void>;
  /** ends with what is listed: for a close that takes too long */
  giveUp(): Promise<void>;
  /** lets go of everything; what was not listed counts as dropped */
  clear(): void;
}
