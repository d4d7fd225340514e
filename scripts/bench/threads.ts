/**
 * How many threads for how many cameras: latency and CPU with cameras that give 5 pictures a second each, out of step, and how many
 * pictures a second could be looked at. One host process serves all cameras, one picture after the other.
 */
import { Detector } from '../../src/detector/detector.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { packagePath } from '../../src/lib/package-root.ts';
import type { DetectorFeed } from '../../src/messages/detection.ts';
import type { DetectFrame, VideoFormat } from '../../src/messages/video.ts';
import { costOf } from './cost.ts';
import { printTable, quantile } from './report.ts';

const CAMERAS = [1, 2, 4, 10];
const THREADS = [1, 2];
const FPS = 5;
const SECONDS = 6;
const FULL_SPEED_FRAMES = 60;
const SOURCE = { widthPx: 1280, heightPx: 720 };
const log = createLogger('error');

export async function benchThreads(): Promise<void> {
  const rows: string[][] = [
    ['cameras', 'threads', 'picture → boxes p50 ms', 'p95 ms', 'dropped', 'CPU of a core', 'pictures a second at most'],
  ];
  for (const cameras of CAMERAS) {
    for (const threads of THREADS) {
      process.stderr.write(`threads: ${threads} for ${cameras} cameras\n`);
      rows.push([String(cameras), String(threads), ...(await measure(cameras, threads))]);
    }
  }
  printTable(`threads of the detector, ${FPS} pictures a second a camera, gate off`, rows);
}

async function measure(cameras: number, threads: number): Promise<string[]> {
  const modelPath = packagePath('models', 'nanodet-plus-m.onnx');
  await using detector = await Detector.open({ modelPath, labels: ['person'], threads, clock: systemClock, log });
  const format = formatOf(detector);
  const latencies: number[] = [];
  const feeds = Array.from({ length: cameras }, (_, i) =>
    detector.feed(`camera-${i}`, ({ latencyMs }) => void latencies.push(latencyMs)),
  );
  const pids = detector.hostPid === undefined ? [] : [detector.hostPid];
  await atFullSpeed(feeds, format);
  latencies.length = 0;
  const { cpuMs } = await costOf(async () => await atPace(feeds, format), { frames: 1, pids });
  const dropped = feeds.reduce((sum, feed) => sum + feed.dropped, 0);
  return [
    quantile(latencies, 0.5).toFixed(1),
    quantile(latencies, 0.95).toFixed(1),
    String(dropped),
    `${Math.round(cpuMs / SECONDS / 10)} %`,
    String(Math.round(await atFullSpeed(feeds, format))),
  ];
}

/** Each camera in its turn, `SECONDS` long. */
async function atPace(feeds: readonly DetectorFeed[], format: VideoFormat): Promise<void> {
  const startedMs = performance.now();
  const stepMs = 1000 / FPS / feeds.length;
  for (let i = 0; i < SECONDS * FPS * feeds.length; i++) {
    const waitMs = startedMs + i * stepMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    feeds[i % feeds.length]?.offer(frameOf(format, i), format);
  }
  await Promise.all(feeds.map(async (feed) => await feed.drained()));
}

/** Pictures a second. */
async function atFullSpeed([feed]: readonly DetectorFeed[], format: VideoFormat): Promise<number> {
  const startedMs = performance.now();
  for (let i = 0; i < FULL_SPEED_FRAMES; i++) await feed?.submit(frameOf(format, i), format);
  await feed?.drained();
  return (FULL_SPEED_FRAMES * 1000) / (performance.now() - startedMs);
}

let grey: Uint8Array | undefined;

function frameOf({ detect }: VideoFormat, slot: number): DetectFrame {
  grey ??= new Uint8Array(detect.widthPx * detect.heightPx * 3).fill(114);
  const nowMs = systemClock.nowMs();
  return { slot, ptsMs: slot * 200, atMs: 0, arrivedNowMs: nowMs, isRepeat: false, data: grey, release: () => undefined };
}

function formatOf(detector: Detector): VideoFormat {
  const detect = { ...detector.inputShape(SOURCE), fps: FPS };
  return {
    source: { ...SOURCE, fps: FPS, codec: 'none' },
    detect,
    record: { ...SOURCE, fps: FPS },
    framesPerSlot: 1,
    feed: 'frames',
  };
}
