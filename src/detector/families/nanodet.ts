/**
 * NanoDet (RangiLyu): for each stride an output of class scores [1, points, classes] (sigmoids, or logits in early exports) and one
 * of distances [1, points, 4 × 8], in any order. Before Plus the strides are 8, 16, 32 and points lie in the middle of cells; Plus
 * has 64 too, and points at the corner of cells. PicoDet's outputs look the same: it has hard swishes where NanoDet has leaky
 * units. Source: nanodet/model/head/gfl_head.py, nanodet_plus_head.py.
 */
import { middlePixel } from '../distances.ts';
import { BGR_IMAGENET, type Family, type Seen } from '../family.ts';
import { planForLevels } from '../level-plan.ts';

const RULES = { pixels: BGR_IMAGENET, fit: 'centre', bins: 8 } as const;

export const nanodet: Family = {
  name: 'nanodet',
  accepts: 'per stride 8, 16, 32 (and 64): scores [1, points, classes] and distances [1, points, 4 × 8]',
  recognise: (seen, { isStated }) =>
    planForLevels(seen, { ...RULES, strides: [8, 16, 32], border: 0, centrePx: middlePixel }) ??
    (isStated || isNanodetsOwn(seen)
      ? planForLevels(seen, { ...RULES, strides: [8, 16, 32, 64], centrePx: () => 0 })
      : undefined),
};

/** By the activation, which PicoDet never has, or by the names that NanoDet's exporter gives. */
export function isNanodetsOwn({ graph, outputs }: Seen): boolean {
  return graph.has('LeakyRelu') || outputs.every(({ name }) => /^(cls|dis)_pred_stride_\d+$/.test(name));
}
