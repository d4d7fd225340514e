/**
 * When a picture is not to be trusted yet: for `settleMs` after a camera came back and after the whole picture changed. What the
 * model sees then confirms nobody; who is already known is followed as ever. Pure.
 */
import type { CameraConfig } from '../config/config.ts';
import type { DetectFrame, VideoFormat } from '../messages/video.ts';
import { SceneChange } from './scene-change.ts';

export class Settling {
  readonly #settleMs: number;
  readonly #change = new SceneChange();
  #isBack = false;
  #fromPtsMs = Number.POSITIVE_INFINITY;

  constructor({ settleMs }: Pick<CameraConfig['event'], 'settleMs'>) {
    this.#settleMs = settleMs;
  }

  /** A camera was lost and is back: its first pictures may be torn, grey or of another time. */
  cameBack(): void {
    this.#isBack = true;
    this.#change.reset();
  }

  /** Every detection frame, before the model has it. */
  look(frame: Pick<DetectFrame, 'data' | 'ptsMs'>, format: VideoFormat['detect']): void {
    if (this.#change.step(frame, format) || this.#isBack) this.#fromPtsMs = frame.ptsMs;
    this.#isBack = false;
  }

  /** Of a frame that was looked at before, maybe some frames ago. */
  isUnsettled(ptsMs: number): boolean {
    return ptsMs >= this.#fromPtsMs && ptsMs < this.#fromPtsMs + this.#settleMs;
  }
}
