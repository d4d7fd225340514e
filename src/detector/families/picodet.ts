/**
 * PicoDet (PaddleDetection): as NanoDet, with four strides 8 … 64. Source: ppdet/modeling/heads/pico_head.py.
 */
import { type Family, RGB_IMAGENET } from '../family.ts';
import { planForLevels } from '../level-plan.ts';

export const picodet: Family = {
  name: 'picodet',
  accepts: 'per stride 8, 16, 32, 64: scores [1, points, classes] and distances [1, points, 4 × bins]',
  recognise: ({ outputs, size }) =>
    planForLevels(
      { outputs, size },
      { strides: [8, 16, 32, 64], pixels: RGB_IMAGENET, fit: 'stretch', centrePx: (stride) => stride / 2 },
    ),
};
