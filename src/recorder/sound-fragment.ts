/** Sound of a film -> a fragment in clip time: its first frame is shown at 0, in ticks of the track. Pure. */
import { AUDIO_TRACK, type FragmentTrack } from '../media/fmp4/muxer.ts';
import type { Packet } from '../messages/video.ts';
import type { Sound } from './sound-track.ts';

/** Each frame of sound is 1024 ticks long, or what `frameTicks` says. */
export function soundFragment(
  { startMs, frames }: Sound,
  { first, ticksPerSecond, frameTicks }: { first: Packet; ticksPerSecond: number; frameTicks: number },
): FragmentTrack {
  return {
    trackId: AUDIO_TRACK,
    startTicks: Math.max(0, Math.round(((startMs - first.dtsMs) * ticksPerSecond) / 1000)),
    samples: frames.map((data) => ({ durationTicks: frameTicks, offsetTicks: 0, isKey: true, data })),
  };
}
