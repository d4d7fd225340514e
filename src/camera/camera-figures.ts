/** What one camera did so far. Counters only grow, and reading one takes nothing away: whoever wants a rate remembers what it read before. */
import { type GateCounts, savedShare } from '../gate/frame-gate.ts';
import type { CameraStats } from '../messages/camera.ts';
import type { DetectedFrame } from '../messages/detection.ts';

/** As of one moment. */
export interface CameraCounters {
  /** pictures to be recorded */
  readonly pictures: number;
  /** answers of the model */
  readonly answers: number;
  /** pictures that came to the motion gate, and how many of them the model was spared */
  readonly gate: GateCounts;
  /** frames that were not looked at, or not written to stdout, because somebody was too slow */
  readonly drops: number;
  /** of the newest answer */
  readonly latencyMs: number;
}

export interface CameraFiguresOptions {
  readonly gate: { readonly counts: GateCounts; readonly dropped: number };
  readonly output: { readonly dropped: number } | undefined;
}

export class CameraFigures {
  readonly #options: CameraFiguresOptions;
  #pictures = 0;
  #answers = 0;
  #latencyMs = 0;

  constructor(options: CameraFiguresOptions) {
    this.#options = options;
  }

  get counters(): CameraCounters {
    const { gate, output } = this.#options;
    return {
      pictures: this.#pictures,
      answers: this.#answers,
      gate: gate.counts,
      drops: gate.dropped + (output?.dropped ?? 0),
      latencyMs: this.#latencyMs,
    };
  }

  /** A picture to be recorded came. */
  onPicture(): void {
    this.#pictures += 1;
  }

  onDetected({ isSpared, latencyMs }: DetectedFrame): void {
    if (isSpared) return;
    this.#answers += 1;
    this.#latencyMs = latencyMs;
  }
}

/** Rates of the `elapsedMs` between two readings; drops are told as a total, and the latency is the newest. */
export function statsOf(
  now: CameraCounters,
  { before, elapsedMs }: { before: CameraCounters | undefined; elapsedMs: number },
): CameraStats {
  const perSecond = (count: number): number => Math.round((count * 10_000) / elapsedMs) / 10;
  return {
    fps: perSecond(now.pictures - (before?.pictures ?? 0)),
    detectFps: perSecond(now.answers - (before?.answers ?? 0)),
    latencyMs: Math.round(now.latencyMs),
    drops: now.drops,
    inferencesSaved: savedShare(now.gate, before?.gate),
  };
}
