/** Packets from a key frame on -> their last picture, raw, by one short ffmpeg that reads an MP4 of them. */
import { runShortJob } from '../../ffmpeg/short-job.ts';
import { stillToYuv } from '../../ffmpeg/still.ts';
import { fragmentHead, joinInits } from '../media/fmp4/muxer.ts';
import { readDefaults } from '../media/fmp4/samples.ts';
import type { SizePx } from '../messages/video.ts';
import type { StillPackets } from './packet-ring.ts';
import { pictureFragment } from './picture-fragment.ts';
import { pictureBytes } from './ring-plan.ts';

const TIMEOUT_MS = 10_000;

/** yuv420p at this size. Throws a RetryableError where ffmpeg cannot decode it. */
export async function loadStill({ inits, packets, shownIndex }: StillPackets, size: SizePx): Promise<Buffer> {
  const [first] = packets;
  if (!first) throw new Error('Expected the packets of a still');
  const { ticksPerSecond } = readDefaults(Buffer.from(inits.video.bytes));
  const pictures = packets.map((packet) => ({ packet, durationMs: packet.durationMs }));
  const head = fragmentHead(1, [pictureFragment(pictures, first, ticksPerSecond)]);
  const film = Buffer.concat([joinInits(inits.video.bytes), head, ...packets.map(({ data }) => data)]);
  const picture = await runShortJob(stillToYuv(size, shownIndex), film, { timeoutMs: TIMEOUT_MS });
  const bytes = pictureBytes(size);
  if (picture.byteLength !== bytes) throw new Error(`Expected ${bytes} bytes of a picture but received ${picture.byteLength}`);
  return picture;
}
