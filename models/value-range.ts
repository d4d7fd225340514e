/**
 * Values that a tensor was seen to hold -> the range that 256 levels should cover. Not the widest one: a few outliers would cost
 * all others their precision. The range with the least squared error is taken, after a first pass has found the widest.
 */

/** Always holds 0, which must be a level of its own (borders of convolutions are 0). */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

const BINS = 2048;
const LEVELS = 255;
/** Shares of the widest range that are tried at either end. */
const SHARES = Array.from({ length: 25 }, (_, i) => 1 - i * 0.035);

export class Histogram {
  readonly counts = new Float64Array(BINS);
  readonly widest: ValueRange;

  constructor(widest: ValueRange) {
    this.widest = widest;
  }

  add(values: Float32Array): void {
    const { min, max } = this.widest;
    const factor = max > min ? BINS / (max - min) : 0;
    const last = BINS - 1;
    for (let i = 0; i < values.length; i++) {
      const bin = ((values[i] as number) - min) * factor;
      const at = bin > last ? last : Math.trunc(bin);
      this.counts[at] = (this.counts[at] as number) + 1;
    }
  }

  /**
   * The range with the least squared error. `slope`: by what negative values will be multiplied right afterwards (0.1 by a
   * LeakyRelu of that alpha): their errors weigh as little.
   */
  best({ slope = 1 }: { slope?: number } = {}): ValueRange {
    const { min, max } = this.widest;
    let best = this.widest;
    let least = Number.POSITIVE_INFINITY;
    for (const low of min < 0 ? SHARES : [1]) {
      for (const high of max > 0 ? SHARES : [1]) {
        const range = { min: min * low, max: max * high };
        const error = this.#error(range, slope);
        if (error < least) [best, least] = [range, error];
      }
    }
    return best;
  }

  #error(range: ValueRange, slope: number): number {
    const { min, max } = this.widest;
    const width = (max - min) / BINS;
    // The mean squared distance to the next level, of values that lie anywhere between two.
    const rounding = ((range.max - range.min) / LEVELS) ** 2 / 12;
    let sum = 0;
    for (let i = 0; i < BINS; i++) {
      const count = this.counts[i] as number;
      if (count === 0) continue;
      const value = min + (i + 0.5) * width;
      const beyond = Math.max(range.min - value, value - range.max, 0);
      sum += count * (beyond ** 2 + rounding) * (value < 0 ? slope ** 2 : 1);
    }
    return sum;
  }
}

/** Both, and 0. */
export function widened(range: ValueRange | undefined, values: Float32Array): ValueRange {
  let { min, max } = range ?? { min: 0, max: 0 };
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max };
}
