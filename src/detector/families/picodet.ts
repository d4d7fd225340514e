/**
 * PicoDet (PaddleDetection): as NanoDet, with four strides 8 … 64, or with its suppression inside: a list [boxes, 6] = class,
 * score, left, top, right, bottom, and a second input `scale_factor`. Trained on stretched RGB; fed so, it is 0.045 AP better
 * than with NanoDet's letterboxed BGR. Source: ppdet/modeling/heads/pico_head.py, configs/picodet/_base_/picodet_320_reader.yml.
 */
import { decodeList, judgeList, type ListColumns } from '../box-list.ts';
import { type Family, type Plan, RGB_IMAGENET, type Seen } from '../family.ts';
import { planForLevels } from '../level-plan.ts';
import { rowsOf } from '../rows.ts';

const FREE_SHAPE = { multiplePx: 32, longSidePx: 320 };
const COLUMNS: ListColumns = { label: 0, score: 1, box: 2 };

export const picodet: Family = {
  name: 'picodet',
  accepts:
    'per stride 8, 16, 32, 64: scores [1, points, classes] and distances [1, points, 4 × bins]; or [boxes, 6] with scale_factor',
  recognise: (seen) =>
    planForLevels(seen, {
      strides: [8, 16, 32, 64],
      pixels: RGB_IMAGENET,
      fit: 'stretch',
      centrePx: (stride) => stride / 2,
    }) ?? planForList(seen),
};

/** Told a scale of one, the list's places are pixels of the input. */
function planForList({ inputs, outputs }: Seen): Plan | undefined {
  const isPaddle = inputs.some(({ name, shape }) => name.includes('scale_factor') && shape.length === 2);
  const list = outputs.find(({ dims }) => dims.length === 2 && dims[1] === 6);
  if (!isPaddle || !list || judgeList(rowsOf(list), COLUMNS) === 'no list') return undefined;
  return {
    reason: `output ${list.name} is a list of boxes: class, score, left, top, right, bottom, and an input is PaddleDetection’s scale_factor`,
    pixels: RGB_IMAGENET,
    fit: 'stretch',
    resampling: 'area',
    freeShape: FREE_SHAPE,
    classes: undefined,
    outputs: [list.name],
    nmsIou: undefined,
    decode: ([answer], options) => (answer ? decodeList(rowsOf(answer), { columns: COLUMNS, isFraction: false }, options) : []),
  };
}
