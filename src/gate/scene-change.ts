/**
 * Detection frames → whether the whole picture changed at once: the light goes on, a camera switches to infra-red, another stream.
 * Somebody who walks by changes a part of it. Looks at a grid of points of the green plane; the first frame changes nothing. Pure.
 */
import type { DetectFrame, VideoFormat } from '../messages/video.ts';

const COLUMNS = 32;
const ROWS = 18;
/** Brightness steps of 255 that are more than noise. */
const STEP = 20;
/** Share of the points that changed. */
const SHARE = 0.7;

export class SceneChange {
  #before: Uint8Array | undefined;

  /** True where this frame differs from the one before nearly everywhere. */
  step({ data }: Pick<DetectFrame, 'data'>, { widthPx, picture }: VideoFormat['detect']): boolean {
    const points = new Uint8Array(COLUMNS * ROWS);
    for (let row = 0; row < ROWS; row++) {
      const y = picture.topPx + Math.floor(((row + 0.5) * picture.heightPx) / ROWS);
      for (let column = 0; column < COLUMNS; column++) {
        const x = picture.leftPx + Math.floor(((column + 0.5) * picture.widthPx) / COLUMNS);
        points[row * COLUMNS + column] = data[y * widthPx + x] ?? 0;
      }
    }
    const before = this.#before;
    this.#before = points;
    if (!before) return false;
    const changed = points.reduce((sum, value, i) => sum + (Math.abs(value - (before[i] ?? value)) > STEP ? 1 : 0), 0);
    return changed > SHARE * points.length;
  }

  /** The next frame is of another connection and has nothing to be compared with. */
  reset(): void {
    this.#before = undefined;
  }
}
