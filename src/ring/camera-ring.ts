/**
 * What one camera sent lately, in the feed that its format says. A new format begins with an empty ring. Whoever wires the camera
 * adds what comes and hands the ring of the format to its takers.
 */
import type { Packet, RecordFrame, TrackInit, VideoFormat } from '../messages/video.ts';
import { FrameRing } from './frame-ring.ts';
import { PacketRing } from './packet-ring.ts';
import { type OnWarning, PacketWords } from './packet-words.ts';
import { planRing, type RingPlan, type RingSettings } from './ring-plan.ts';

interface Planned {
  readonly format: VideoFormat;
  readonly plan: RingPlan;
}

/** The ring of one format. */
export type FormatRing =
  | (Planned & { readonly feed: 'packets'; readonly ring: PacketRing })
  | (Planned & { readonly feed: 'frames'; readonly ring: FrameRing });

export interface CameraRingOptions extends RingSettings {
  /** told once of each thing that makes clips other than asked */
  readonly onWarning: OnWarning;
}

export class CameraRing {
  readonly #options: CameraRingOptions;
  #current: FormatRing | undefined;
  #words: PacketWords | undefined;

  constructor(options: CameraRingOptions) {
    this.#options = options;
  }

  /** A first or another format: what was held is let go of, and takers of the ring before are told. */
  open(format: VideoFormat): FormatRing {
    this.clear();
    const ring = ringOf(this.#options, format);
    this.#words = ring.feed === 'packets' ? new PacketWords(ring.ring, this.#options.onWarning) : undefined;
    this.#current = ring;
    return ring;
  }

  /** Retains what it keeps; never waits. */
  addFrame(frame: RecordFrame): void {
    if (this.#current?.feed !== 'frames') throw new Error('Expected a format of frames before the first frame');
    this.#current.ring.add(frame);
  }

  /** Comes before the packets of its track, once a connection. */
  addInit(init: TrackInit): void {
    this.#packets().setInit(init);
  }

  /** Keeps the packet's bytes; never waits. */
  addPacket(packet: Packet): void {
    this.#packets().add(packet);
    this.#words?.look();
  }

  /** Lets go of everything. */
  clear(): void {
    this.#current?.ring.clear();
  }

  #packets(): PacketRing {
    if (this.#current?.feed !== 'packets') throw new Error('Expected a format of packets before the first packet');
    return this.#current.ring;
  }
}

function ringOf(settings: RingSettings, format: VideoFormat): FormatRing {
  const plan = planRing(settings, format);
  const { neededMs, heldMs, frames: maxFrames, bytes: maxBytes } = plan;
  const maxGapMs = settings.event.postRollMs + heldMs;
  return format.feed === 'packets'
    ? { feed: 'packets', format, plan, ring: new PacketRing({ neededMs, maxBytes, maxGapMs }) }
    : { feed: 'frames', format, plan, ring: new FrameRing({ fps: format.record.fps, maxFrames, maxBytes, maxGapMs }) };
}
