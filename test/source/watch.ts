/** A source with somebody who notes every frame and gives it back at once, and a way to wait for what is to come. */
import { PassThrough, type Readable } from 'node:stream';
import pino from 'pino';
import { type ConfigInput, configSchema } from '../../src/config/config.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { DetectFrame, Packet, RecordFrame, SizePx, SourceState, TrackInit, VideoFormat } from '../../src/messages/video.ts';
import { frameShape } from '../../src/detector/shape.ts';
import { Source } from '../../src/source/source.ts';
import { counterOfGrey, counterOfLuma } from '../media.ts';

type CameraInput = ConfigInput['cameras'][number];

export interface WatchOptions extends Omit<CameraInput, 'name'> {
  readonly realTime?: boolean;
  readonly withRecording?: boolean;
  /** the frame that the picture is letterboxed into (default: 96 × 96) */
  readonly inputShape?: (source: SizePx) => SizePx;
  readonly stdin?: Readable;
  readonly clock?: Clock;
  /** sees each recording frame before it is given back */
  readonly look?: (frame: RecordFrame) => void;
  /** asked after each frame was noted; a promise holds the source back */
  readonly hold?: () => void | Promise<void>;
}

export interface Noted {
  /** slot or index */
  readonly number: number;
  readonly ptsMs: number;
  readonly atMs: number;
  readonly nowMs: number;
  readonly isRepeat: boolean;
  /** of the counter film's picture */
  readonly counter: number;
}

type Opened = SourceState & { type: 'opened' };
type Lost = SourceState & { type: 'lost' };

export class Watch implements AsyncDisposable {
  readonly source: Source;
  readonly states: SourceState[] = [];
  readonly detected: Noted[] = [];
  readonly recorded: Noted[] = [];
  readonly inits: TrackInit[] = [];
  readonly packets: Packet[] = [];
  /** every line of the log, as it left the source: the masks of the real logger are not there to help */
  readonly logged: string[] = [];
  readonly done: Promise<void>;
  readonly #clock: Clock;
  readonly #hold: () => void | Promise<void>;
  readonly #look: (frame: RecordFrame) => void;
  readonly #controller = new AbortController();
  #listeners: (() => void)[] = [];

  constructor(options: WatchOptions) {
    const { realTime = false, withRecording = true, stdin, clock = systemClock, hold, look, ...rest } = options;
    const { inputShape = () => ({ widthPx: 96, heightPx: 96 }), ...camera } = rest;
    this.#clock = clock;
    this.#hold = hold ?? (() => undefined);
    this.#look = look ?? (() => undefined);
    this.source = new Source({
      camera: configSchema.parse({ cameras: [camera] }).cameras[0]!,
      realTime,
      withRecording,
      inputShape: (source) => frameShape({ shape: { fixed: inputShape(source) }, fit: 'centre', border: 114 }, source),
      stdin: stdin ?? new PassThrough(),
      clock,
      log: pino({ level: 'debug' }, { write: (line: string) => this.#onLine(line) }),
    });
    this.done = this.source.run(
      {
        onState: (state) => {
          this.states.push(state);
          this.#tell();
        },
        onDetectFrame: (frame) => this.#onDetectFrame(frame),
        onRecordFrame: (frame) => this.#onRecordFrame(frame),
        onInit: (init) => {
          this.inits.push(init);
          this.#tell();
        },
        onPacket: (packet) => {
          this.packets.push(packet);
          this.#tell();
        },
      },
      this.#controller.signal,
    );
    // Who waits for `done` is told; who stops before does not care.
    this.done.catch(() => this.#tell());
  }

  get opened(): Opened[] {
    return this.states.filter((state): state is Opened => state.type === 'opened');
  }

  get lost(): Lost[] {
    return this.states.filter((state): state is Lost => state.type === 'lost');
  }

  get pictures(): Packet[] {
    return this.packets.filter(({ isVideo }) => isVideo);
  }

  get sound(): Packet[] {
    return this.packets.filter(({ isVideo }) => !isVideo);
  }

  get format(): VideoFormat {
    const format = this.opened.at(-1)?.format;
    if (!format) throw new Error('Expected an open source');
    return format;
  }

  /** Resolves once the condition holds; rejects when the source fails before. */
  async until(condition: () => boolean): Promise<void> {
    const failed = this.#failUnless(condition);
    while (!condition()) await Promise.race([failed, new Promise<void>((resolve) => this.#listeners.push(resolve))]);
    failed.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.done.catch(() => undefined);
  }

  #onLine(line: string): void {
    this.logged.push(line);
    this.#tell();
  }

  async #failUnless(condition: () => boolean): Promise<void> {
    await this.done;
    if (!condition()) throw new Error(`The source ended before, with ${JSON.stringify(this.states)}`);
  }

  #onDetectFrame(frame: DetectFrame): void | Promise<void> {
    const { picture, widthPx } = this.format.detect;
    const middle = (picture.topPx + (picture.heightPx >> 1)) * widthPx + picture.leftPx + (picture.widthPx >> 1);
    const { slot: number, ptsMs, atMs, isRepeat, arrivedNowMs: nowMs } = frame;
    this.detected.push({ number, ptsMs, atMs, nowMs, isRepeat, counter: counterOfGrey(frame.data[middle]!) });
    frame.release();
    this.#tell();
    return this.#hold();
  }

  #onRecordFrame(frame: RecordFrame): void | Promise<void> {
    const { widthPx, heightPx } = this.format.record;
    const middle = (heightPx >> 1) * widthPx + (widthPx >> 1);
    const { index: number, ptsMs, atMs } = frame;
    const counter = counterOfLuma(frame.data[middle]!);
    this.#look(frame);
    this.recorded.push({ number, ptsMs, atMs, nowMs: this.#clock.nowMs(), isRepeat: false, counter });
    frame.release();
    this.#tell();
    return this.#hold();
  }

  #tell(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
