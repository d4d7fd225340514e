/**
 * PicoDet (PaddleDetection): as NanoDet, with four strides 8 … 64, or with its suppression inside: a list [boxes, 6] = class,
 * score, left, top, right, bottom, and a second input `scale_factor`. Trained on stretched RGB; fed so, it is 0.045 AP better
 * than with NanoDet's letterboxed BGR. Source: ppdet/modeling/heads/pico_head.py, configs/picodet/_base_/picodet_320_reader.yml.
 */
import { type Family, type Plan, RGB_IMAGENET, type Seen } from '../family.ts';
import { planForLevels } from '../level-plan.ts';
import { isNanodetsOwn } from './nanodet.ts';
import { paddleList, paddlePlan } from '../paddle.ts';

const FREE_SHAPE = { multiplePx: 32, longSidePx: 320 };

export const picodet: Family = {
  name: 'picodet',
  accepts:
    'per stride 8, 16, 32, 64: scores [1, points, classes] and distances [1, points, 4 × bins]; or [boxes, 6] with scale_factor',
  recognise: (seen, { isStated }) => (isNanodetsOwn(seen) && !isStated ? undefined : picodetLevels(seen)) ?? planForList(seen),
};

function picodetLevels(seen: Seen): Plan | undefined {
  return planForLevels(seen, {
    strides: [8, 16, 32, 64],
    bins: 8,
    pixels: RGB_IMAGENET,
    fit: 'stretch',
    centrePx: (stride) => stride / 2,
  });
}

function planForList(seen: Seen): Plan | undefined {
  const list = paddleList(seen);
  if (list?.isTransformer !== false) return undefined;
  return paddlePlan(list, {
    reason: `output ${list.output.name} is a list of boxes: class, score, left, top, right, bottom, and an input is PaddleDetection’s scale_factor`,
    pixels: RGB_IMAGENET,
    resampling: 'area',
    freeShape: FREE_SHAPE,
  });
}
