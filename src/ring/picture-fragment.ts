/** Pictures in decoding order -> a fragment in the time of a film: its first frame is shown at 0, in ticks of the track. Pure. */
import { type FragmentTrack, VIDEO_TRACK } from '../media/fmp4/muxer.ts';
import type { Packet } from '../messages/video.ts';

export interface TimedPicture {
  readonly packet: Packet;
  /** how long it stands */
  readonly durationMs: number;
}

/** Decoding begins at 0, too: B-frames are shown earlier than their offset says, by as much as the first frame is late. */
export function pictureFragment(pictures: readonly TimedPicture[], first: Packet, ticksPerSecond: number): FragmentTrack {
  const ticks = (ms: number): number => Math.round((ms * ticksPerSecond) / 1000);
  const delayMs = first.ptsMs - first.dtsMs;
  return {
    trackId: VIDEO_TRACK,
    startTicks: ticks((pictures[0]?.packet.dtsMs ?? 0) - first.dtsMs),
    samples: pictures.map(({ packet: { dtsMs, ptsMs, isKey, data }, durationMs }) => ({
      durationTicks: ticks(dtsMs + durationMs - first.dtsMs) - ticks(dtsMs - first.dtsMs),
      offsetTicks: ticks(ptsMs - dtsMs - delayMs),
      isKey,
      data,
    })),
  };
}
