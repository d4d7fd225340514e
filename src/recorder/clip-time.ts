/** Pieces of a film -> fragments in clip time: the first frame is shown at 0, in ticks of each track. Pure. */
import { AUDIO_TRACK, type FragmentTrack, VIDEO_TRACK } from '../media/fmp4/muxer.ts';
import type { Packet } from '../messages/video.ts';
import type { Piece } from './packet-queue.ts';
import type { Sound } from './sound-track.ts';

/** Decoding begins at 0, too: B-frames are shown earlier than their offset says, by as much as the first frame is late. */
export function pictureTrack(pieces: readonly Piece[], first: Packet, ticksPerSecond: number): FragmentTrack {
  const ticks = (ms: number): number => Math.round((ms * ticksPerSecond) / 1000);
  const delayMs = first.ptsMs - first.dtsMs;
  return {
    trackId: VIDEO_TRACK,
    startTicks: ticks((pieces[0]?.packet.dtsMs ?? 0) - first.dtsMs),
    samples: pieces.map(({ packet: { dtsMs, ptsMs, isKey, data }, durationMs }) => ({
      durationTicks: ticks(dtsMs + durationMs - first.dtsMs) - ticks(dtsMs - first.dtsMs),
      offsetTicks: ticks(ptsMs - dtsMs - delayMs),
      isKey,
      data,
    })),
  };
}

/** Each frame of sound is 1024 ticks long, or what `frameTicks` says. */
export function soundTrack(
  { startMs, frames }: Sound,
  { first, ticksPerSecond, frameTicks }: { first: Packet; ticksPerSecond: number; frameTicks: number },
): FragmentTrack {
  return {
    trackId: AUDIO_TRACK,
    startTicks: Math.max(0, Math.round(((startMs - first.dtsMs) * ticksPerSecond) / 1000)),
    samples: frames.map((data) => ({ durationTicks: frameTicks, offsetTicks: 0, isKey: true, data })),
  };
}
