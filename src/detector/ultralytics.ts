/** What Ultralytics writes into its models beside the names: `stride`, `imgsz` ([height, width]). Pure. */
import type { Plan } from './family.ts';

const DEFAULT_SIDE_PX = 640;
const DEFAULT_STRIDE_PX = 32;
const MAX_SIDE_PX = 4096;

/** The longer side that the model was exported for, and what sides must be multiples of. */
export function ultralyticsShape(metadata: ReadonlyMap<string, string>): Plan['freeShape'] {
  const sides = exportedSides(metadata);
  const stride = Number(metadata.get('stride'));
  return {
    multiplePx: Number.isInteger(stride) && stride >= DEFAULT_STRIDE_PX && stride <= 256 ? stride : DEFAULT_STRIDE_PX,
    longSidePx: sides.length === 0 ? DEFAULT_SIDE_PX : Math.max(...sides),
  };
}

/** Height and width, one number for both, or nothing. */
export function exportedSides(metadata: ReadonlyMap<string, string>): number[] {
  const numbers = [...(metadata.get('imgsz') ?? '').matchAll(/\d+/g)].map(Number);
  return numbers.slice(0, 2).filter((side) => side >= 32 && side <= MAX_SIDE_PX);
}
