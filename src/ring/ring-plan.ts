/**
 * Settings -> how much film the pre-roll ring holds. It must reach back over the pre-roll, the time a person takes to be
 * confirmed, and what the detector may lag behind; `record.maxRingBytes` caps it, and then the clips start later, said at start-up.
 */
import type { CameraConfig } from '../config/config.ts';
import type { SizePx, VideoFormat } from '../messages/video.ts';

/** How late the detector's answer may come without costing pre-roll. */
const DETECTOR_SLACK_MS = 1000;
/** Packets are small: a machine that is busy for some seconds costs no pre-roll, either. */
const PACKET_SLACK_MS = 5000;

export interface RingPlan {
  /** frames and bytes that are held at most */
  readonly frames: number;
  readonly bytes: number;
  readonly heldMs: number;
  readonly neededMs: number;
  /** pre-roll that can be promised */
  readonly preRollMs: number;
  readonly isShort: boolean;
  /** for the person at start-up */
  readonly sentence: string;
}

export type RingSettings = Pick<CameraConfig, 'event' | 'record' | 'detect'>;

/** Bytes of a yuv420p picture. */
export function pictureBytes({ widthPx, heightPx }: SizePx): number {
  return widthPx * heightPx + 2 * Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2);
}

export function planRing({ event, record, detect }: RingSettings, format: VideoFormat): RingPlan {
  const { fps } = format.record;
  const frameBytes = pictureBytes(format.record);
  const slackMs = format.feed === 'packets' ? PACKET_SLACK_MS : DETECTOR_SLACK_MS;
  const extraMs = (detect.window * 1000) / Math.min(format.detect.fps, format.source.fps) + slackMs;
  const neededMs = event.preRollMs + extraMs;
  const neededFrames = Math.ceil((neededMs * fps) / 1000) + 1;
  const frames = Math.max(1, Math.min(neededFrames, Math.floor(record.maxRingBytes / frameBytes)));
  const heldMs = (frames * 1000) / fps;
  const isShort = frames < neededFrames;
  const preRollMs = isShort ? Math.max(0, Math.floor(heldMs - extraMs)) : event.preRollMs;
  if (format.feed === 'packets') return packetPlan({ event, record }, neededMs);
  const plan = { frames, bytes: frames * frameBytes, heldMs, neededMs, preRollMs, isShort };
  return { ...plan, sentence: sentenceOf(plan, { format, event, neededBytes: neededFrames * frameBytes }) };
}

/** Of packets nobody knows beforehand how many bytes a second are. */
function packetPlan({ event, record }: Pick<RingSettings, 'event' | 'record'>, neededMs: number): RingPlan {
  const { preRollMs } = event;
  const sentence =
    `Holds at least the last ${seconds(neededMs)} of what the camera sends in memory for the pre-roll, from key frame to key frame: ` +
    `${megabytes(record.maxRingBytes)} at most.`;
  return { frames: 0, bytes: record.maxRingBytes, heldMs: neededMs, neededMs, preRollMs, isShort: false, sentence };
}

interface Said {
  readonly format: VideoFormat;
  readonly event: RingSettings['event'];
  readonly neededBytes: number;
}

function sentenceOf(plan: Omit<RingPlan, 'sentence'>, { format, event, neededBytes }: Said): string {
  const { widthPx, heightPx, fps } = format.record;
  const film = `${seconds(plan.heldMs)} of ${widthPx}x${heightPx} at ${fps} fps`;
  if (!plan.isShort) return `Holds the last ${film} in memory for the pre-roll: ${megabytes(plan.bytes)}.`;
  return (
    `Holds only the last ${film} in memory (${megabytes(plan.bytes)}, record.maxRingBytes), so a clip begins ` +
    `${seconds(plan.preRollMs)} before the person instead of the ${seconds(event.preRollMs)} of event.preRollMs. ` +
    `Set record.maxRingBytes to ${neededBytes} (${megabytes(neededBytes)}), or record.size and record.fps lower.`
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
