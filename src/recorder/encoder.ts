/**
 * One ffmpeg that encodes raw frames into segments of a folder. One frame is written at a time, and the next one only after the
 * pipe took it. It does not die with its parent: the end of stdin lets it finish its last segment, also after a `kill -9` of us.
 */
import { type HlsOptions, hlsEncode } from '../../ffmpeg/hls.ts';
import { argvOf } from '../../ffmpeg/recipe.ts';
import { Bell } from '../lib/bell.ts';
import { Child } from '../lib/child.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { SegmentReport } from './playlist.ts';

export interface EncoderOptions {
  readonly camera: string;
  readonly folder: string;
  readonly hls: HlsOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** a segment was closed, says ffmpeg */
  readonly onSegment: (name: string) => void;
  readonly onGone: () => void;
}

export class Encoder implements AsyncDisposable {
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #changed = new Bell();
  #isGone = false;

  static async start(options: EncoderOptions): Promise<Encoder> {
    const child = await Child.start({
      name: `encoder of camera ${options.camera}`,
      command: 'ffmpeg',
      args: argvOf(hlsEncode(options.hls)),
      stdin: 'pipe',
      dieWithParent: false,
      cwd: options.folder,
      log: options.log,
    });
    return new Encoder(child, options);
  }

  private constructor(child: Child, { onSegment, onGone, clock }: EncoderOptions) {
    this.#child = child;
    this.#clock = clock;
    const report = new SegmentReport();
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      for (const name of report.read(chunk)) onSegment(name);
    });
    const gone = (): void => {
      this.#isGone = true;
      this.#changed.ring();
      onGone();
    };
    child.stdin.on('error', gone);
    child.exited.then(gone, gone);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** it exited, or its stdin is closed */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The last lines it printed, for errors. */
  get lastWords(): string {
    return this.#child.stderr.slice(-3).join(' · ');
  }

  /** Resolves once the pipe took all of the frame, whose buffer is free then, or the encoder is gone. */
  async write(data: Uint8Array): Promise<void> {
    if (this.#isGone) return;
    let isTaken = false;
    this.#child.stdin.write(data, () => {
      isTaken = true;
      this.#changed.ring();
    });
    await this.#changed.until(() => isTaken || this.#isGone);
  }

  /** Ends stdin and waits for the last segment; an encoder that does not end in time is killed. */
  async finish(graceMs: number): Promise<void> {
    this.#child.stdin.end();
    const over = new AbortController();
    const late = this.#clock.sleep(graceMs, over.signal).then(
      () => this.kill(),
      () => undefined,
    );
    await this.#child.exited;
    over.abort();
    await late;
  }

  /** Kills it at once: it is frozen, or what it writes is broken. */
  async kill(): Promise<void> {
    await this.#child.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
