/**
 * D-FINE, DEIM and RT-DETR as they are deployed: labels [1, boxes] (whole numbers), boxes [1, boxes, 4] (left, top, right,
 * bottom) and scores [1, boxes], in any order and under any names; no suppression needed. A second input, two whole numbers, is
 * the size that boxes are scaled to. PaddleDetection's RT-DETR writes one list [boxes, 6] = class, score, left, top, right,
 * bottom, and takes `im_shape` beside `scale_factor`. Pixels are RGB 0…1 (networks that begin with patches of a transformer:
 * ImageNet's mean and deviation), pictures are stretched. Source: D-FINE/tools/deployment/export_onnx.py,
 * DEIMv2/engine/data/transforms, PaddleDetection/ppdet/modeling/post_process.py (`DETRPostProcess`).
 */
import type { Family, Plan, Seen } from '../family.ts';
import { RGB_UNIT } from '../family.ts';
import { namesOf } from '../labels.ts';
import { type ApartList, apartList, areFractionsApart, decodeApart } from '../list-apart.ts';
import { paddleList, paddlePlan } from '../paddle.ts';
import { TOLD_SIZE_PX } from '../picture-input.ts';
import { transformerPixels } from '../transformers.ts';

const FREE_SHAPE = { multiplePx: 640, longSidePx: 640 };

export const dFine: Family = {
  name: 'd-fine',
  accepts: 'D-FINE, DEIM, RT-DETR: labels [1, boxes] (whole numbers), boxes [1, boxes, 4], scores [1, boxes]',
  recognise(seen) {
    const list = apartList(seen.outputs);
    return list?.hasBatch === true && !list.count ? planFor(list, seen) : planForPaddle(seen);
  },
};

function planFor(list: ApartList, { graph, metadata, inputs }: Seen): Plan {
  const { labels, boxes, scores } = list;
  const classes = namesOf(metadata)?.length ?? graph.divisorNear(labels.name);
  const isTold = inputs.some(({ shape }) => shape.length === 2 && shape[1] === 2);
  // Without a size to scale to, boxes are fractions or pixels of the input.
  const isFraction = !isTold && areFractionsApart(list);
  const unit = isTold ? 'scaled to the size that another input tells' : isFraction ? 'in fractions' : 'in pixels';
  const { pixels, why } = transformerPixels(graph);
  return {
    reason: `outputs are labels (${labels.name}), boxes (${boxes.name}, ${unit}) and scores (${scores.name}); ${why}`,
    pixels,
    fit: 'stretch',
    freeShape: FREE_SHAPE,
    classes,
    outputs: [labels.name, boxes.name, scores.name],
    nmsIou: undefined,
    decode: ([theLabels, theBoxes, theScores], options) => {
      const told = isTold ? TOLD_SIZE_PX : 1;
      const { widthPx, heightPx } = options.input;
      const scale = isTold || isFraction ? { x: widthPx / told, y: heightPx / told } : { x: 1, y: 1 };
      return theLabels && theBoxes && theScores
        ? decodeApart({ labels: theLabels, boxes: theBoxes, scores: theScores, count: undefined }, { scale }, options)
        : [];
    },
  };
}

function planForPaddle(seen: Seen): Plan | undefined {
  const list = paddleList(seen);
  if (list?.isTransformer !== true) return undefined;
  return paddlePlan(list, {
    reason: `output ${list.output.name} is PaddleDetection’s list of boxes, without a suppression, and im_shape is an input: an RT-DETR`,
    pixels: RGB_UNIT,
    freeShape: FREE_SHAPE,
  });
}
