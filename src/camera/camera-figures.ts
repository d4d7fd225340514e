/** What one camera did since the last time it was asked: pictures, answers, what the model was spared. */
import { type FrameGate, savedShare } from '../gate/frame-gate.ts';
import type { CameraStats } from '../messages/camera.ts';
import type { DetectedFrame } from '../messages/detection.ts';

export class CameraFigures {
  readonly #gate: FrameGate;
  #pictures = 0;
  #countsBefore = { pictures: 0, spared: 0 };
  #answers = 0;
  #latencyMs = 0;

  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** A picture to be recorded came. */
  onPicture(): void {
    this.#pictures += 1;
  }

  onDetected({ isRepeat, latencyMs }: DetectedFrame): void {
    if (isRepeat) return;
    this.#answers += 1;
    this.#latencyMs = latencyMs;
  }

  /** Rates since the last call, which was `elapsedMs` ago; the latency is the newest. */
  take(elapsedMs: number, drops: number): CameraStats {
    const perSecond = (count: number): number => Math.round((count * 10_000) / elapsedMs) / 10;
    const { counts } = this.#gate;
    const stats = {
      fps: perSecond(this.#pictures),
      detectFps: perSecond(this.#answers),
      latencyMs: Math.round(this.#latencyMs),
      drops,
      inferencesSaved: savedShare(counts, this.#countsBefore),
    };
    this.#pictures = 0;
    this.#answers = 0;
    this.#countsBefore = counts;
    return stats;
  }
}
