/**
 * NanoDet (RangiLyu, before Plus): for each of the strides 8, 16, 32 an output of class scores [1, points, classes] (sigmoids
 * already) and one of distances [1, points, 4 × bins], in any order. Points lie in the middle of cells. Source: nanodet/model/head/gfl_head.py.
 */
import { middlePixel } from '../distances.ts';
import { BGR_IMAGENET, type Family } from '../family.ts';
import { planForLevels } from '../level-plan.ts';

export const nanodet: Family = {
  name: 'nanodet',
  accepts: 'per stride 8, 16, 32: scores [1, points, classes] and distances [1, points, 4 × bins]',
  recognise: ({ outputs, size }) =>
    planForLevels(
      { outputs, size },
      { strides: [8, 16, 32], pixels: BGR_IMAGENET, fit: 'centre', border: 0, centrePx: middlePixel },
    ),
};
