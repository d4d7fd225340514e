/**
 * A pipe of fragmented MP4 from the decoder -> packets on the camera's axis, as they come. Ends with a RetryableError where the
 * bytes are no MP4, the camera's clock leaps, or the camera changes its format in flight: the next connection probes anew.
 */
import type { Readable } from 'node:stream';
import { messageOf, RetryableError } from '../lib/errors.ts';
import { Mp4Error } from '../media/fmp4/boxes.ts';
import { Demuxer, type DemuxedInit, type DemuxedSample } from '../media/fmp4/demuxer.ts';
import type { Packet, TrackInit, VideoFormat } from '../messages/video.ts';
import type { Axis } from './axis.ts';
import { FirstTimes } from './first-times.ts';
import { ParameterWatch } from './parameter-watch.ts';

/** A camera whose time stamps jump by more than this has another clock now. */
const LEAP_MS = 30_000;

export interface PacketTakers {
  /** comes before the first packet of its track, once a connection */
  onInit(init: TrackInit): void;
  /** never waits for anybody */
  onPacket(packet: Packet): void;
}

/** Two pipes are in no order: what a connection needs for its sound comes behind what it needs for its pictures. */
export function soundAfterPictures({ onInit, onPacket }: Partial<PacketTakers>): PacketTakers {
  let hasPictures = false;
  let waiting: TrackInit | undefined;
  return {
    onInit: (init) => {
      if (!init.isVideo && !hasPictures) {
        waiting = init;
        return;
      }
      onInit?.(init);
      hasPictures = true;
      if (init.isVideo && waiting) onInit?.(waiting);
    },
    onPacket: (packet) => {
      if (packet.isVideo || hasPictures) onPacket?.(packet);
    },
  };
}

export interface PacketReaderOptions {
  readonly isVideo: boolean;
  readonly source: VideoFormat['source'];
  /** as it may be shown */
  readonly shown: string;
  /** its first time stamps are guesses */
  readonly isLive: boolean;
  readonly axis: Axis;
  /** told of every packet: the watchdog's heartbeat */
  readonly onSample: () => void;
}

interface Sample extends DemuxedSample {
  readonly dtsMs: number;
}

/** Reads until the pipe ends. */
export async function readPackets(pipe: Readable, options: PacketReaderOptions, takers: PacketTakers): Promise<void> {
  const demuxer = new Demuxer();
  const track = new TrackReader(options, takers);
  try {
    for await (const chunk of pipe as AsyncIterable<Buffer>) {
      for (const item of demuxer.push(chunk)) track.take(item);
    }
  } catch (cause) {
    if (!(cause instanceof Mp4Error)) throw cause;
    throw new RetryableError(`the packets of ${options.shown} cannot be read: ${messageOf(cause)}`, { cause });
  }
  track.end();
}

class TrackReader {
  readonly #options: PacketReaderOptions;
  readonly #takers: PacketTakers;
  readonly #first: FirstTimes<Sample> | undefined;
  #init: TrackInit | undefined;
  #watch: ParameterWatch | undefined;
  #lastDtsMs: number | undefined;

  constructor(options: PacketReaderOptions, takers: PacketTakers) {
    this.#options = options;
    this.#takers = takers;
    this.#first = options.isLive && options.isVideo ? new FirstTimes(options.source.fps) : undefined;
  }

  take(item: DemuxedInit | DemuxedSample): void {
    const { isVideo, source, onSample } = this.#options;
    if (item.type === 'init') {
      this.#init = { isVideo, bytes: item.bytes };
      this.#watch = isVideo ? new ParameterWatch(source.codec, item.bytes) : undefined;
      return;
    }
    onSample();
    const sample = { ...item, dtsMs: (item.dtsTicks * 1000) / item.ticksPerSecond };
    for (const timed of this.#first?.push(sample) ?? [sample]) this.#give(timed);
  }

  end(): void {
    for (const timed of this.#first?.end() ?? []) this.#give(timed);
  }

  #give(sample: Sample): void {
    const { isVideo, axis, shown } = this.#options;
    const { dtsMs, isKey, data, durationTicks, offsetTicks, ticksPerSecond } = sample;
    if (this.#lastDtsMs !== undefined && Math.abs(dtsMs - this.#lastDtsMs) > LEAP_MS && isVideo)
      throw new RetryableError(`the clock of ${shown} leapt by ${Math.round((dtsMs - this.#lastDtsMs) / 1000)} s`);
    this.#lastDtsMs = dtsMs;
    if (isKey && this.#watch?.hasChanged(data) === true)
      throw new RetryableError(`${shown} changed the format of its video`, { hint: 'the recording goes on in the new one' });
    const { ptsMs: onAxisMs, atMs } = axis.packet(dtsMs, { isVideo });
    if (this.#init) this.#takers.onInit(this.#init);
    this.#init = undefined;
    const offsetMs = (offsetTicks * 1000) / ticksPerSecond;
    const durationMs = (durationTicks * 1000) / ticksPerSecond;
    this.#takers.onPacket({
      isVideo,
      isKey,
      dtsMs: onAxisMs,
      ptsMs: onAxisMs + offsetMs,
      durationMs,
      atMs: atMs + offsetMs,
      data,
    });
  }
}
