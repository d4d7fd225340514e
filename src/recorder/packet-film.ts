/**
 * The camera's packets -> film: fragments are appended to a segment as they come, and the segment is listed when its group of
 * pictures is complete. No encoder, no second process: a full disk is an error here, and a kill loses no more than what the
 * camera had not sent.
 */
import { join } from 'node:path';
import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { writeDurably } from '../lib/durable.ts';
import { initName, segmentName } from '../media/clip-files.ts';
import { fragmentHead, type FragmentTrack } from '../media/fmp4/muxer.ts';
import type { Packet, SizePx } from '../messages/video.ts';
import type { ClipFolder } from './clip-folder.ts';
import { soundFragment } from './sound-fragment.ts';
import type { Film, Still } from './film.ts';
import { PacketQueue } from './packet-queue.ts';
import { type Inits, isSameConnection } from '../ring/inits.ts';
import type { PacketCursor, RingPacket } from '../ring/packet-cursor.ts';
import type { PacketRing } from '../ring/packet-ring.ts';
import { pictureFragment } from '../ring/picture-fragment.ts';
import { loadStill } from '../ring/still.ts';
import { PacketRun } from './packet-run.ts';
import { SegmentFile } from './segment-file.ts';
import type { Piece } from './still-fill.ts';

export interface PacketFilmOptions {
  readonly ring: PacketRing;
  readonly size: SizePx;
  /** pictures a second, about */
  readonly fps: number;
  /** the film begins with the key frame at this time or before */
  readonly fromPtsMs: number;
  readonly targetMs: number;
  readonly maxQueueBytes: number;
  readonly files: ClipFolder;
  readonly onListed: () => void;
  readonly clock: Clock;
}

interface OpenSegment {
  readonly file: SegmentFile;
  readonly run: PacketRun;
  readonly atMs: number;
  durationMs: number;
}

export class PacketFilm implements Film {
  readonly encoderPid = undefined;
  readonly #options: PacketFilmOptions;
  readonly #cursor: PacketCursor;
  /** what is not written yet: the ring may let go of it while a disk is slow */
  readonly #queue: PacketQueue;
  /** rings when there is something to write, or room was made */
  readonly #changed = new Bell();
  #run: PacketRun | undefined;
  #sounds: RingPacket[] = [];
  #segment: OpenSegment | undefined;
  #fragments = 0;
  #runs = 0;
  #missed = 0;
  /** taken from the queue, not in a listed segment yet */
  #unlisted = 0;
  #hasGivenUp = false;

  constructor(options: PacketFilmOptions) {
    const { ring, fromPtsMs, targetMs, maxQueueBytes: maxBytes } = options;
    this.#options = options;
    this.#queue = new PacketQueue({ fromMs: fromPtsMs, targetMs, maxBytes });
    this.#cursor = ring.cursor(fromPtsMs);
    this.take();
    this.#queue.cut();
  }

  get firstPtsMs(): number | undefined {
    return this.#queue.first?.ptsMs;
  }

  get closePtsMs(): number {
    return this.#queue.closeMs;
  }

  get endPtsMs(): number {
    return this.#queue.endMs;
  }

  get isClosed(): boolean {
    return this.#queue.isClosed;
  }

  get droppedFrames(): number {
    return this.#queue.dropped + this.#missed;
  }

  get excuse(): string {
    return 'no key frame came while the event was open';
  }

  take(): void {
    for (let next = this.#cursor.next(); next; next = this.#cursor.next()) this.#add(next);
  }

  /** Packets are written as they come: what lies behind the end is not worth holding all of them back. */
  decidedTo(_ptsMs: number): void {}

  closeAt(ptsMs: number): void {
    this.#queue.closeAt(ptsMs);
    this.#changed.ring();
  }

  missTo(ptsMs: number): void {
    this.#missed += Math.max(0, Math.round(((ptsMs - this.#queue.endMs) * this.#options.fps) / 1000));
  }

  /** The picture of a slot is the last that begins less than half an interval behind it. */
  still(ptsMs: number): Still | undefined {
    const { ring, fps, size } = this.#options;
    const packets = ring.still(ptsMs + 500 / fps);
    return packets && { load: async () => await loadStill(packets, size), release: () => undefined };
  }

  async whenReady(): Promise<void> {
    await this.#changed.until(() => this.#queue.waitingBytes <= this.#options.maxQueueBytes / 2);
  }

  async run(): Promise<void> {
    try {
      while (!this.#hasGivenUp) {
        const pieces = this.#queue.next();
        this.#changed.ring();
        if (pieces.length > 0) await this.#write(pieces);
        else if (this.#queue.isClosed) break;
        else await this.#changed.next();
      }
      if (this.#segment) await this.#write([]);
      await this.#endSegment();
    } finally {
      this.#missed += this.#unlisted;
      await this.#segment?.file[Symbol.asyncDispose]();
    }
  }

  async giveUp(): Promise<void> {
    this.#hasGivenUp = true;
    this.#changed.ring();
    await Promise.resolve();
  }

  clear(): void {
    this.#queue.clear();
    this.#sounds = [];
    this.#run = undefined;
    this.#changed.ring();
  }

  #add(arrived: RingPacket): void {
    const { packet, inits } = arrived;
    if (packet.isVideo) this.#queue.push(packet, inits);
    else if (this.#queue.isClosed) return;
    else if (this.#run && isSameConnection(this.#run.inits, inits)) this.#run.addSound(arrived);
    else this.#sounds.push(arrived);
    this.#changed.ring();
  }

  /** No pieces: the film is over, and its sound ends with its pictures. */
  async #write(pieces: readonly Piece[]): Promise<void> {
    const [piece] = pieces;
    const last = pieces.at(-1);
    const { first, endMs } = this.#queue;
    this.#unlisted += pieces.length;
    if (piece) this.#segment ??= await this.#open(piece);
    const segment = this.#segment;
    if (!segment || !first) return;
    const untilMs = last ? last.packet.dtsMs + last.durationMs : endMs;
    const sound = segment.run.takeSound(untilMs, { isLast: last?.ends === 'run' || !last });
    const tracks = [
      ...(piece ? [pictureFragment(pieces, first, segment.run.ticksPerSecond)] : []),
      ...(sound && sound.frames.length > 0 ? [soundFragment(sound, { first, ...segment.run.soundTicks })] : []),
    ];
    await this.#append(segment, tracks);
    segment.durationMs += pieces.reduce((sum, { durationMs }) => sum + durationMs, 0);
    if (last?.ends) await this.#endSegment();
  }

  async #append({ file }: OpenSegment, tracks: readonly FragmentTrack[]): Promise<void> {
    if (tracks.length === 0) return;
    this.#fragments += 1;
    const data = tracks.flatMap(({ samples }) => samples.map((sample) => sample.data));
    await file.append([fragmentHead(this.#fragments, tracks), ...data]);
  }

  async #open({ packet, inits }: Piece): Promise<OpenSegment> {
    const { files, clock } = this.#options;
    await files.check();
    const run = await this.#runOf(inits, packet);
    const file = await SegmentFile.create(files.path, segmentName(files.segmentCount), clock);
    return { file, run, atMs: packet.atMs, durationMs: 0 };
  }

  /** The init file of a connection: the one before, where the camera came back as it was. */
  async #runOf(inits: Inits, { dtsMs }: Packet): Promise<PacketRun> {
    if (this.#run && isSameConnection(this.#run.inits, inits)) return this.#run;
    const { files, ring } = this.#options;
    const run = PacketRun.of(ring.newestOf(inits), {
      fromMs: dtsMs,
      before: this.#run,
      nextName: initName(this.#runs),
    });
    if (run.name !== this.#run?.name) {
      await writeDurably(join(files.path, run.name), run.bytes);
      this.#runs += 1;
    }
    for (const sound of this.#sounds) if (isSameConnection(sound.inits, inits)) run.addSound(sound);
    this.#sounds = this.#sounds.filter((sound) => sound.inits.connection > inits.connection);
    this.#run = run;
    return run;
  }

  async #endSegment(): Promise<void> {
    const { files, onListed } = this.#options;
    const segment = this.#segment;
    if (!segment) return;
    const { run, atMs, durationMs } = segment;
    const file = await segment.file.finish();
    this.#segment = undefined;
    await files.listWritten({ ...file, init: run.file, atMs, durationMs });
    this.#unlisted = 0;
    onListed();
  }
}
