/** A camera and a model that do what the test says, and a pipeline between them; everything else is real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInput } from '../../ffmpeg/input.ts';
import { type CameraNews, Pipeline, type PipelineOptions } from '../../src/camera/pipeline.ts';
import { type CameraConfig, configSchema } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import type { ClipMessage } from '../../src/messages/clip.ts';
import type { DetectedFrame, Detection, DetectorFeed } from '../../src/messages/detection.ts';
import type { PeopleChange, SceneEvent } from '../../src/messages/scene.ts';
import type { DetectFrame, SourceState, VideoFormat } from '../../src/messages/video.ts';
import { pictureBytes } from '../../src/ring/ring-plan.ts';
import type { SourceTakers } from '../../src/source/source.ts';
import { WhyLog } from '../../src/why/why-log.ts';
import { until } from '../publisher/harness.ts';

export const FPS = 5;
const SIZE = { widthPx: 64, heightPx: 48 };
const BORN_AT_MS = Date.UTC(2026, 10, 20, 14, 2, 0);

export const PERSON: Detection = { label: 'person', score: 0.8, box: { x: 0.4, y: 0.2, w: 0.2, h: 0.6 } };

export const FORMAT: VideoFormat = {
  source: { ...SIZE, fps: FPS, codec: 'h264' },
  detect: { ...SIZE, fps: FPS, picture: { ...SIZE, leftPx: 0, topPx: 0 } },
  record: { ...SIZE, fps: FPS },
  framesPerSlot: 1,
  feed: 'frames',
};

/** `start`, `count 1/1`, `ready` …: news in one word, in the order in which they came. */
function wordOf(news: SceneEvent | ClipMessage | PeopleChange | SourceState): string {
  switch (news.type) {
    case 'count':
      return `count ${news.count}/${news.total}`;
    case 'end':
      return `end ${news.reason}`;
    default:
      return news.type;
  }
}

export class Scripted implements AsyncDisposable {
  readonly pipeline: Pipeline;
  readonly why: WhyLog;
  readonly camera: CameraConfig;
  readonly news: string[] = [];
  readonly events: SceneEvent[] = [];
  readonly clips: ClipMessage[] = [];
  readonly candidates: number[] = [];
  readonly folders: string[] = [];
  /** frames that somebody still holds */
  leased = 0;
  /** called with every piece of news before it is noted */
  onNews: (word: string) => void = () => undefined;
  readonly over: Promise<unknown>;
  readonly #stop = new AbortController();
  #takers: SourceTakers | undefined;
  #onDetected: (frame: DetectedFrame) => void = () => undefined;
  #seen: readonly Detection[] = [];
  #endInput: () => void = () => undefined;
  #slot = 0;
  #recording = 0;

  constructor(settings: object = {}) {
    const detect = { fps: FPS, gate: { enabled: false } };
    const event = { preRollMs: 400, postRollMs: 1000, settleMs: 0 };
    const [camera] = configSchema.parse({
      cameras: [{ name: 'door', input: 'rtsp://127.0.0.1/x', detect, event, record: { fps: FPS }, ...settings }],
    }).cameras;
    if (!camera) throw new Error('Expected a camera');
    this.camera = camera;
    this.why = new WhyLog(camera.why, { atMs: BORN_AT_MS, nowMs: 0 });
    this.pipeline = new Pipeline(this.#options(camera));
    this.over = this.pipeline.run(this.#stop.signal).catch((error: unknown) => error);
  }

  /** The connection is there. */
  open(format = FORMAT, formatChanged = true): void {
    this.#taker.onState({ type: 'opened', format, formatChanged });
  }

  lose(reason = 'it went away'): void {
    this.#taker.onState({ type: 'lost', reason, sinceMs: 0 });
  }

  /** Pictures in which the model sees this. */
  show(pictures: number, ...seen: readonly Detection[]): void {
    this.#seen = seen;
    for (let i = 0; i < pictures; i++) this.#picture();
  }

  stop(): void {
    this.#stop.abort();
  }

  endInput(): void {
    this.#taker.onState({ type: 'ended' });
    this.#endInput();
  }

  /** Somebody's clip is open. */
  async recording(): Promise<void> {
    await until(() => this.#recording > 0);
  }

  async heard(word: string, times = 1): Promise<void> {
    await until(() => this.news.filter((one) => one === word).length >= times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.over;
    await Promise.all(this.folders.map(async (folder) => await rm(folder, { recursive: true })));
  }

  get #taker(): SourceTakers {
    if (!this.#takers) throw new Error('Expected the pipeline to run its source');
    return this.#takers;
  }

  #options(camera: CameraConfig): PipelineOptions {
    const note = (news: SceneEvent | ClipMessage | PeopleChange | SourceState): void => {
      const word = wordOf(news);
      this.onNews(word);
      this.news.push(word);
    };
    const news: CameraNews = {
      onScene: (event) => {
        this.events.push(event);
        note(event);
      },
      onClip: (message) => {
        this.clips.push(message);
        note(message);
      },
      onPeople: note,
      onSource: note,
    };
    let minted = 0;
    return {
      camera,
      source: { input: parseInput(camera.input), isLive: true, run: async (takers, signal) => await this.#run(takers, signal) },
      detector: { feed: (_camera, onDetected) => this.#feed(onDetected) },
      news,
      home: {
        makeFolder: async () => {
          const folder = await mkdtemp(join(tmpdir(), 'lookout-pipeline-'));
          this.folders.push(folder);
          return folder;
        },
        attach: () => void (this.#recording += 1),
        attachNone: () => undefined,
      },
      why: this.why,
      mintId: () => `e${(minted += 1)}`,
      onCandidates: (_atMs, rejected) => this.candidates.push(rejected.length),
      clock: systemClock,
      log: silentLogger,
    };
  }

  async #run(takers: SourceTakers, signal: AbortSignal): Promise<void> {
    this.#takers = takers;
    await new Promise<void>((resolve) => {
      this.#endInput = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The model answers at once. */
  #feed(onDetected: (frame: DetectedFrame) => void): DetectorFeed {
    this.#onDetected = onDetected;
    const answer = (frame: DetectFrame): void => {
      const { slot, ptsMs, atMs, arrivedNowMs, isRepeat } = frame;
      frame.release();
      this.#onDetected({ slot, ptsMs, atMs, arrivedNowMs, isSpared: isRepeat, detections: this.#seen, latencyMs: 10 });
    };
    return {
      offer: answer,
      submit: async (frame) => answer(frame),
      drained: async () => await Promise.resolve(),
      close: () => undefined,
      isIdle: true,
      dropped: 0,
    };
  }

  #picture(): void {
    const slot = this.#slot++;
    const ptsMs = (slot * 1000) / FPS;
    const atMs = BORN_AT_MS + ptsMs;
    this.leased += 1;
    let holders = 1;
    void this.#taker.onRecordFrame({
      index: slot,
      ptsMs,
      atMs,
      data: new Uint8Array(pictureBytes(SIZE)).fill(16 + (slot % 200)),
      retain: () => void (holders += 1),
      release: () => {
        holders -= 1;
        if (holders === 0) this.leased -= 1;
      },
    });
    const data = new Uint8Array(3 * SIZE.widthPx * SIZE.heightPx);
    void this.#taker.onDetectFrame({ slot, ptsMs, atMs, arrivedNowMs: ptsMs, isRepeat: false, data, release: () => undefined });
  }
}
